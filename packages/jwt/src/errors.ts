/**
 * `JwtError`: the one error class of this package.
 *
 * It carries a stable `code` and details that are safe to log: names, positions, limits. It never carries a token, a key, or an
 * unverified claim. Misuse by the programmer is a `TypeError`, not this.
 */
import { ERROR_CODES, type JwtErrorCode } from './error-codes.ts';

/** What is known beside the code. Every field is safe to log. */
export interface JwtErrorDetails {
  /** The claim that was missing, malformed or mismatched. */
  readonly claim?: string | undefined;
  /** The header parameter or key member concerned. */
  readonly member?: string | undefined;
  /** Which part of the token. */
  readonly part?: TokenPart | undefined;
  /** Byte offset in the decoded part, or character offset in the encoded one. */
  readonly offset?: number | undefined;
  /** What exactly, in a few words. */
  readonly reason?: string | undefined;
  /** The limit that was passed. */
  readonly limit?: number | undefined;
  /** The error underneath, where there is one. */
  readonly cause?: unknown;
}

/** Where in a token, or beside it, a fault was found (RFC 7515 section 7.1, RFC 7516 section 7.1, RFC 7517). */
export type TokenPart =
  | 'header'
  | 'payload'
  | 'signature'
  | 'encrypted key'
  | 'iv'
  | 'ciphertext'
  | 'tag'
  | 'key'
  | 'key set';

const NO_DETAILS: JwtErrorDetails = {};

/** Thrown, or returned by `check`, for every refusal. `code` is the whole interface: messages may change. */
export class JwtError extends Error {
  // Declared only: as class fields each would be defined once more before the constructor sets it.
  declare readonly code: JwtErrorCode;
  declare readonly claim: string | undefined;
  declare readonly member: string | undefined;
  declare readonly part: TokenPart | undefined;
  declare readonly offset: number | undefined;
  declare readonly reason: string | undefined;
  declare readonly limit: number | undefined;

  constructor(code: JwtErrorCode, details: JwtErrorDetails = NO_DETAILS) {
    super(undefined, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.claim = details.claim;
    this.member = details.member;
    this.part = details.part;
    this.offset = details.offset;
    this.reason = details.reason;
    this.limit = details.limit;
  }

  override get name(): string {
    return 'JwtError';
  }

  /** What was wrong and where. Put together when it is asked for: most refusals are never read. */
  override get message(): string {
    let text: string = ERROR_CODES[this.code].message;
    if (this.claim !== undefined) text += `: claim "${this.claim}"`;
    if (this.member !== undefined) text += `: "${this.member}"`;
    if (this.part !== undefined) text += ` in the ${this.part}`;
    if (this.offset !== undefined) text += ` at offset ${this.offset}`;
    if (this.reason !== undefined) text += ` (${this.reason})`;
    if (this.limit !== undefined) text += ` (the limit is ${this.limit})`;
    return text;
  }

  /** What to do about it: one sentence. */
  get remedy(): string {
    return ERROR_CODES[this.code].remedy;
  }

  /** The section of the standard that asks for the refusal. */
  get source(): string {
    return ERROR_CODES[this.code].source;
  }
}

/** V8's knob for the length of traces; other engines ignore it. */
const traces = Error as ErrorConstructor & { stackTraceLimit: number };
/** Not where intrinsics are frozen: there a refusal is only slower. */
const canSilenceTraces = !Object.isFrozen(Error);

/**
 * A `JwtError` without a stack trace, for refusing tokens: what strangers send is data, and capturing a trace costs more than
 * finding the fault. `verify` adds the trace when it throws.
 */
export function refusal(code: JwtErrorCode, details?: JwtErrorDetails): JwtError {
  if (!canSilenceTraces) return new JwtError(code, details);
  const limit = traces.stackTraceLimit;
  traces.stackTraceLimit = 0;
  const error = new JwtError(code, details);
  traces.stackTraceLimit = limit;
  return error;
}

/** `value`, unless it is a refusal: for those who throw. @throws {JwtError} that refusal. */
export function orThrow<T>(value: T | JwtError): T {
  if (value instanceof JwtError) throw value;
  return value;
}

/** True for errors of this package, also when two copies of it are loaded. */
export function isJwtError(value: unknown): value is JwtError {
  return (
    value instanceof Error &&
    value.name === 'JwtError' &&
    'code' in value &&
    typeof value.code === 'string' &&
    Object.hasOwn(ERROR_CODES, value.code)
  );
}
