/** Which algorithm signs a token: the default, or what its audience asks for (a resource that verifies nothing else). */
import type { Algorithm } from '@sealgate/jwt';

export interface AlgorithmSettings {
  readonly algorithm: Algorithm;
  /** By audience, where it is not the default. */
  readonly algorithmFor: Readonly<Record<string, Algorithm>>;
}

/** Every algorithm that may sign a token, the default first. */
export function algorithmsInUse({ algorithm, algorithmFor }: AlgorithmSettings): readonly Algorithm[] {
  return [...new Set([algorithm, ...Object.values(algorithmFor)])];
}

/** The one algorithm that all of `audience` take; `undefined` if they differ: then a token for all of them cannot be. */
export function algorithmForAudience(settings: AlgorithmSettings, audience: readonly string[]): Algorithm | undefined {
  const { algorithm, algorithmFor } = settings;
  const asked = audience.map((each) => (Object.hasOwn(algorithmFor, each) ? algorithmFor[each] : algorithm));
  return asked.every((each) => each === asked[0]) ? (asked[0] ?? algorithm) : undefined;
}
