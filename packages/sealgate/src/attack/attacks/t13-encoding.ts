/** T13: other spellings of the same octets (RFC 7515 section 2: base64url without padding, white space or other characters). */
import type { Attack } from '../attack.ts';
import { tokenProbe } from '../probes.ts';
import { nextInAlphabet, unusedBits } from '../base64url.ts';

export const encoding: Attack = {
  id: 'T13',
  title: 'token with a second spelling',
  why: 'A deny-list, a cache or a log that knows the token by its text does not know its twin.',
  mend: 'Refuse a part that does not encode back to itself: no padding, no other characters, unused bits zero.',
  severity: 'medium',
  forges: true,
  probes: ({ subject }) => {
    const [first, second, signature] = subject.parts;
    const spelled = (name: string, text: string) => tokenProbe(name, `${first}.${second}.${text}`);
    const middle = Math.floor(signature.length / 2);
    const inserted = (text: string) => signature.slice(0, middle) + text + signature.slice(middle);
    const standard = signature.replaceAll('-', '+').replaceAll('_', '/');
    return [
      ...(unusedBits(signature) > 0 ? [spelled('unused bits that are not zero', nextInAlphabet(signature))] : []),
      spelled('padded with "="', `${signature}${'='.repeat((4 - (signature.length % 4)) % 4 || 1)}`),
      spelled('padded with "=="', `${signature}==`),
      ...(standard === signature ? [] : [spelled('"+" and "/" in place of "-" and "_"', standard)]),
      spelled('a tab inside', inserted('\t')),
      spelled('a space inside', inserted(' ')),
      spelled('a character outside of the alphabet inside', inserted('!')),
      spelled('percent-encoded', `%${signature.charCodeAt(0).toString(16)}${signature.slice(1)}`),
    ];
  },
};
