/** Header fields that make browsers careful, on every answer of a route that asks for them; what the upstream says itself stays. */

const ALWAYS: readonly (readonly [name: string, value: string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
];
/** One year; only over https (RFC 6797 section 7.2). */
const HSTS = ['strict-transport-security', 'max-age=31536000'] as const;

/** @param fields - Name, value, name, value; added to. */
export function addSecurityHeaders(fields: string[], proto: 'http' | 'https' | undefined): void {
  const present = new Set(fields.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  for (const [name, value] of proto === 'https' ? [...ALWAYS, HSTS] : ALWAYS) {
    if (!present.has(name)) fields.push(name, value);
  }
}
