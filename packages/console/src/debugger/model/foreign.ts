/**
 * What a pasted text is when it is no JOSE token: a key, another kind of token, a secret of a well-known service, plain JSON.
 *
 * A guess from form alone; nothing is decoded but a first byte or two, and nothing is checked.
 */
import { readBase64url } from './base64url.ts';

export type ForeignKind =
  | 'pem-key'
  | 'pem-certificate'
  | 'jwk'
  | 'jwks'
  | 'claims-json'
  | 'json'
  | 'sealgate-refresh'
  | 'paseto'
  | 'saml'
  | 'fernet'
  | 'macaroon'
  | 'github-token'
  | 'google-token'
  | 'stripe-key'
  | 'slack-token'
  | 'aws-key'
  | 'uuid'
  | 'cwt'
  | 'basic-credentials'
  | 'html'
  | 'url'
  | 'hex'
  | 'single-part'
  | 'opaque'
  | 'prose';

const PATTERNS: readonly (readonly [RegExp, ForeignKind])[] = [
  [/^-----BEGIN (?:TRUSTED )?CERTIFICATE/u, 'pem-certificate'],
  [/^-----BEGIN /u, 'pem-key'],
  [/^sgr_[\w-]{20,}$/u, 'sealgate-refresh'],
  [/^v[1-4]\.(?:local|public)\./u, 'paseto'],
  [/^(?:PHNhbWw|PD94bWw|<saml|<\?xml)/u, 'saml'],
  [/^gAAAA[\w=-]{60,}$/u, 'fernet'],
  [/^(?:MDAx|AgEE)[\w=-]{20,}$/u, 'macaroon'],
  [/^(?:gh[pousr]_|github_pat_)\w+$/u, 'github-token'],
  [/^(?:ya29\.|AIza)[\w.-]+$/u, 'google-token'],
  [/^(?:sk|pk|rk)_(?:live|test)_\w+$/u, 'stripe-key'],
  [/^xox[abprs]-[\w-]+$/u, 'slack-token'],
  [/^(?:AKIA|ASIA)[0-9A-Z]{16}$/u, 'aws-key'],
  [/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu, 'uuid'],
  [/^(?:Authorization:\s*)?Basic\s+[\w+/=]+$/iu, 'basic-credentials'],
  [/^<(?:!doctype|html|head|body|script|\w+[\s>])/iu, 'html'],
  [/^https?:\/\/\S+$/iu, 'url'],
  [/^(?:[0-9a-f]{2}){8,}$/iu, 'hex'],
];

const CLAIMS = /"(?:iss|sub|aud|exp|iat|nbf|jti|scope)"\s*:/u;

/** Names what `text` looks like. Only called when no token was found in it. */
export function recogniseForeign(text: string): ForeignKind {
  const trimmed = text.trim();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
    if (/"keys"\s*:\s*\[/u.test(trimmed)) return 'jwks';
    if (/"kty"\s*:/u.test(trimmed)) return 'jwk';
    return CLAIMS.test(trimmed) ? 'claims-json' : 'json';
  }
  const known = PATTERNS.find(([pattern]) => pattern.test(trimmed));
  if (known !== undefined) return known[1];
  if (/^[\w+/=-]+$/u.test(trimmed)) {
    const [first, second] = readBase64url(trimmed.slice(0, 8)).bytes;
    if (first === 0x7b) return 'single-part';
    // CBOR tag 18 (COSE_Sign1) or tag 61 (CWT), RFC 8392 section 6.
    if (first === 0xd2 || (first === 0xd8 && second === 0x3d)) return 'cwt';
    return 'opaque';
  }
  return /\s/u.test(trimmed) ? 'prose' : 'opaque';
}
