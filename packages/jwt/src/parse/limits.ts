/**
 * Bounds on what strangers may send. They are applied before splitting, decoding or parsing, so the cost of refusing is bounded too.
 */
export interface ParseLimits {
  /** Longest token, characters. Default 16,384. */
  readonly tokenChars: number;
  /** Deepest nesting of objects and arrays in a header or payload. Default 32. */
  readonly jsonDepth: number;
  /** Most object members in a header or payload, at all depths together. Default 1,024. */
  readonly jsonMembers: number;
}

/** What a verifier reads when nothing else is said: 16,384 characters, 32 levels, 1,024 members. */
export const DEFAULT_LIMITS: ParseLimits = Object.freeze({ tokenChars: 16_384, jsonDepth: 32, jsonMembers: 1_024 });

/** The defaults with `limits` on top. @throws {TypeError} for a limit that is not a positive integer. */
export function resolveLimits(limits: Partial<ParseLimits> | undefined): ParseLimits {
  if (limits === undefined) return DEFAULT_LIMITS;
  const resolved = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new TypeError(`limits.${name} is not a limit`);
    if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`limits.${name} must be a positive integer`);
  }
  return resolved;
}
