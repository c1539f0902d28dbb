/**
 * What a log line may not hold, and the two nets that hold it back: by the name of a member (`password`, `authorization`, ...) and by the
 * shape of a value (a JWT, a refresh token, an `Authorization` value), wherever in the line it stands.
 *
 * The nets are the last line of defence: code does not log secrets in the first place.
 */

export const REDACTED = '[redacted]';

/** Members whose value is never logged, compared without case and without `-` and `_`. */
const SECRET_NAMES: ReadonlySet<string> = new Set(
  [
    'authorization proxy-authorization cookie set-cookie',
    'password passphrase passwd secret client-secret master-key private-key',
    'token access-token refresh-token id-token subject-token actor-token',
    'assertion client-assertion code code-verifier device-code user-code',
    'api-key x-api-key csrf-token credential credentials otp totp',
    'd p q dp dq qi k oth priv seed',
  ]
    .join(' ')
    .split(' ')
    .map(fold),
);

/**
 * Shapes of secrets in running text: compact JWS and JWE (three or five base64url parts that start as a JSON object does), our opaque
 * tokens (`sgr_...`), the value of an `Authorization` header, and user info in a URL.
 */
const SECRET_SHAPES =
  /\beyJ[\w-]{4,}\.[\w-]*\.[\w-]*(?:\.[\w-]*){0,2}|\bsg[a-z]_[\w-]{16,}|\b(?:bearer|basic|dpop) +[\w+/=.~-]{4,}|(?<=\/\/)[^\s/@"]+(?=@)|-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?-----END [A-Z ]*PRIVATE KEY-----/giu;

const DEEPEST = 6;

/** Members that the logger's serializers reduce to what may be logged. */
const SERIALIZED: ReadonlySet<string> = new Set(['err', 'error', 'req', 'res']);

/** The text with every secret shape replaced. */
export function redactText(text: string): string {
  return text.replace(SECRET_SHAPES, REDACTED);
}

/** A copy of a log object without the values of members that are named like secrets. Deeper than six levels is cut off. */
export function redactMembers(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = redactObject(value, 1);
  for (const name of SERIALIZED) if (Object.hasOwn(value, name)) copy[name] = value[name];
  return copy;
}

function redactObject(value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (depth === 1 && SERIALIZED.has(name)) continue;
    copy[name] = SECRET_NAMES.has(fold(name)) && member !== undefined ? REDACTED : redactValue(member, depth);
  }
  return copy;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[deep]';
  if (Array.isArray(value)) return value.map((member) => redactValue(member, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function' && !Buffer.isBuffer(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return redactObject(value, depth + 1);
  // Sockets, keys, buffers, errors under another name: their insides are nobody's to log.
  return `[${value.constructor.name}]`;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/gu, '');
}
