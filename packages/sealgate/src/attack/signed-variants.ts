/** Variants that only the holder of the signing key can make: each differs from the valid token in one thing, and is signed as it is. */
import type { Probe, Scene } from './attack.ts';
import { forge, keySigner } from './forge.ts';
import type { Part } from './forge.ts';
import { tokenProbe } from './probes.ts';
import type { Json } from './subject.ts';

/** What those attacks say when they could not be tried. */
export const SIGNING_KEY_NEEDED = 'the key that the tokens are signed with: --signing-key FILE';

export interface Variant {
  readonly name: string;
  readonly header?: Part;
  readonly payload?: Part;
}

/** Nothing without the key. */
export function signedProbes({ given, subject }: Scene, variants: readonly Variant[]): readonly Probe[] {
  const signer = given.signingKey === undefined ? undefined : keySigner(subject.alg, given.signingKey);
  if (signer === undefined) return [];
  return variants.map(({ name, header = subject.header, payload = subject.claims }) =>
    tokenProbe(name, forge(header, payload, signer)),
  );
}

/** Claims with some changed; undefined takes one away. */
export function withClaims(claims: Json, changes: Json): Json {
  return Object.fromEntries(Object.entries({ ...claims, ...changes }).filter(([, value]) => value !== undefined));
}
