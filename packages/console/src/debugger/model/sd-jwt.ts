/**
 * Selective disclosure (RFC 9901): the disclosures of an SD-JWT, where each belongs in the payload, and what stays hidden.
 *
 * Digests are computed with SHA-256, SHA-384 or SHA-512; the signature and the key binding are checked in `crypto/`.
 */
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { toBase64url } from './base64url.ts';
import { type Place, type TokenPart, decodeJson } from './decode-part.ts';
import { type Fault, fault } from './fault.ts';
import type { JsonNode } from './json-scan.ts';
import { type Plain, member, stringMember, toPlain } from './json-value.ts';

export interface Disclosure {
  readonly encoded: string;
  readonly digest: string;
  readonly salt: string;
  /** Name of the claim, or `undefined` for an element of an array. */
  readonly name: string | undefined;
  readonly value: JsonNode | undefined;
  /** Path of the claim in the payload, or `undefined` if no digest refers to it. */
  readonly path: string | undefined;
  readonly readable: boolean;
}

export interface SdJwt {
  readonly hashAlgorithm: string;
  readonly disclosures: readonly Disclosure[];
  /** Digests in the payload with no disclosure here: withheld claims and decoys look the same. */
  readonly undisclosed: number;
  /** The payload with the disclosed claims in their places. */
  readonly processed: Plain | undefined;
  /** The key binding JWT, if there is one. */
  readonly keyBinding: { readonly token: string; readonly expectedHash: string } | undefined;
  readonly parts: readonly TokenPart[];
  readonly faults: readonly Fault[];
}

const HASHES: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  'sha-256': sha256,
  'sha-384': sha384,
  'sha-512': sha512,
};

const MAXIMUM_DISCLOSURES = 1000;

/**
 * Reads what follows the first tilde.
 *
 * @param payload - The issuer's payload.
 * @param issued - The issuer-signed JWT, that is, all before the first tilde.
 * @param rest - The pieces after the first tilde, as split at tildes.
 */
export function readSdJwt(payload: JsonNode | undefined, issued: string, rest: readonly string[], place: Place): SdJwt {
  const hashAlgorithm = stringMember(payload, '_sd_alg') ?? 'sha-256';
  const hash = Object.hasOwn(HASHES, hashAlgorithm) ? HASHES[hashAlgorithm] : undefined;
  const faults: Fault[] = [];
  if (hash === undefined) {
    faults.push(fault('warning', 'sd-algorithm-unknown', undefined, { name: hashAlgorithm.slice(0, 40) }));
  }
  const digestOf = (text: string) => toBase64url((hash ?? sha256)(new TextEncoder().encode(text)));
  const last = rest.at(-1) ?? '';
  const bound = last.includes('.');
  if (last !== '' && !bound) faults.push(fault('error', 'sd-not-terminated', undefined));
  const parts: TokenPart[] = [];
  const read: Disclosure[] = [];
  let at = issued.length + 1;
  for (const [index, piece] of rest.entries()) {
    const start = at;
    at += piece.length + 1;
    if (piece === '' && index === rest.length - 1) break;
    if (bound && index === rest.length - 1) {
      const span = { start: place(start), end: place(start + piece.length) };
      parts.push({ name: 'key-binding', span, text: piece, bytes: new Uint8Array() });
      break;
    }
    if (read.length === MAXIMUM_DISCLOSURES) continue;
    const part = decodeJson('disclosure', piece, start, place);
    parts.push(part);
    const items = part.node?.type === 'array' && part.complete ? part.node.items : [];
    const [salt, second, third] = items;
    const named = items.length === 3;
    const readable = salt?.type === 'string' && (named ? second?.type === 'string' : items.length === 2);
    if (!readable)
      faults.push(...part.faults.slice(0, 2), fault('error', 'sd-disclosure-invalid', part.span, { index: index + 1 }));
    const name = named && second?.type === 'string' ? second.value : undefined;
    const value = named ? third : second;
    read.push({
      encoded: piece,
      digest: digestOf(piece),
      salt: salt?.type === 'string' ? salt.value : '',
      name,
      value,
      path: undefined,
      readable,
    });
  }
  const placed = placeDisclosures(payload, read);
  for (const [index, disclosure] of placed.disclosures.entries()) {
    if (disclosure.readable && disclosure.path === undefined && hash !== undefined) {
      const span = parts[index]?.span;
      faults.push(
        fault('error', 'sd-disclosure-unused', span, { name: disclosure.name?.slice(0, 80) ?? `#${index + 1}` }),
      );
    }
  }
  if (placed.repeated) faults.push(fault('error', 'sd-digest-repeated', undefined));
  const keyBinding = bound
    ? { token: last, expectedHash: digestOf(`${[issued, ...rest.slice(0, -1)].join('~')}~`) }
    : undefined;
  return { hashAlgorithm, ...placed, keyBinding, parts, faults };
}

interface Placed {
  readonly disclosures: readonly Disclosure[];
  readonly undisclosed: number;
  readonly processed: Plain | undefined;
  readonly repeated: boolean;
}

/** Puts each disclosure where its digest stands (RFC 9901 section 7.1), digests inside disclosed values too. */
function placeDisclosures(payload: JsonNode | undefined, read: readonly Disclosure[]): Placed {
  const byDigest = new Map(read.map((disclosure, index) => [disclosure.digest, index]));
  const paths = new Map<number, string>();
  const seen = new Set<string>();
  let undisclosed = 0;
  let repeated = false;
  const take = (digest: JsonNode): number | undefined => {
    if (digest.type !== 'string') return undefined;
    if (seen.has(digest.value)) repeated = true;
    seen.add(digest.value);
    const index = byDigest.get(digest.value);
    if (index === undefined || paths.has(index) || !read[index]?.readable) {
      undisclosed += 1;
      return undefined;
    }
    return index;
  };
  const walk = (node: JsonNode, path: string): Plain => {
    if (node.type === 'array') {
      return node.items.flatMap((item, position): Plain[] => {
        const digest = item.type === 'object' && item.members.length === 1 ? member(item, '...') : undefined;
        const here = `${path}/${position}`;
        if (digest === undefined) return [walk(item, here)];
        const index = take(digest);
        const value = index === undefined ? undefined : read[index]?.value;
        if (index === undefined || value === undefined) return [];
        paths.set(index, here);
        return [walk(value, here)];
      });
    }
    if (node.type !== 'object') return toPlain(node);
    const result: Record<string, Plain> = Object.create(null);
    for (const { name, value } of node.members) {
      if (name !== '_sd' && name !== '_sd_alg') result[name] = walk(value, `${path}/${name}`);
    }
    const digests = member(node, '_sd');
    for (const digest of digests?.type === 'array' ? digests.items : []) {
      const index = take(digest);
      const disclosure = index === undefined ? undefined : read[index];
      if (index === undefined || disclosure?.name === undefined || disclosure.value === undefined) continue;
      const here = `${path}/${disclosure.name}`;
      paths.set(index, here);
      result[disclosure.name] = walk(disclosure.value, here);
    }
    return result;
  };
  const processed = payload === undefined ? undefined : walk(payload, '');
  const disclosures = read.map((disclosure, index) => ({ ...disclosure, path: paths.get(index) }));
  return { disclosures, undisclosed, processed, repeated };
}
