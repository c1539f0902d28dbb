/** The form in which user names are stored and compared, so that two spellings of one name are one user (RFC 8265 section 3.3). */

const LONGEST_USERNAME = 254;

/** The canonical form, or `undefined` if no user can have this name. */
export function canonicalUsername(text: string): string | undefined {
  if (text.length > LONGEST_USERNAME || !text.isWellFormed()) return undefined;
  const canonical = text.normalize('NFKC').toLowerCase().normalize('NFKC');
  // Control, format (zero width, direction), private and unassigned characters, and white space.
  if (canonical === '' || canonical.length > LONGEST_USERNAME || /[\p{C}\p{Z}]/u.test(canonical)) return undefined;
  return canonical;
}
