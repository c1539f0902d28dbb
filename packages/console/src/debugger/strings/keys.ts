/** Keys: what was recognised, what is wrong with it, why it does not fit, what came of trying it. */
import type { DecryptionFailure } from '../crypto/jwe.ts';
import type { KeyProblem, KeyProblemCode } from '../crypto/key-rules.ts';
import type { KeyForm } from '../crypto/key-text.ts';
import type { Misfit } from '../crypto/signature.ts';
import type { VerificationHint } from '../crypto/verify.ts';
import type { Explanation } from './kinds.ts';

export const KEY_FORMS: Readonly<Record<KeyForm, string>> = {
  empty: '',
  secret: 'Shared secret',
  jwk: 'JWK',
  jwks: 'Key set',
  pem: 'PEM',
  certificate: 'Certificate',
  der: 'DER in base64',
  unreadable: 'Not readable',
};

const PROBLEMS: Readonly<Record<KeyProblemCode, (name: string) => string>> = {
  'too-long': () => 'This is far too long for a key.',
  'ssh-key': () => 'This is an SSH key. Convert it: ssh-keygen -e -m PKCS8 -f FILE.',
  'is-a-token': () => 'This is a token. It belongs into the token field.',
  'secret-encoding': (name) => `The text is not ${name}.`,
  json: (name) => `The JSON is broken at ${name} (line:column).`,
  'set-empty': () => 'The set holds no keys.',
  'pem-encrypted': () => 'The private key is protected by a passphrase. Decrypt it first: openssl pkey -in FILE.',
  'pem-broken': (name) => `The text between the lines of ${name} is not base64, or the last line is missing.`,
  'algorithm-unknown': (name) => `The key is of a kind that JOSE does not use (${name}).`,
  structure: (name) => `The bytes of ${name} are not the structure that the label promises.`,
  'not-an-object': () => 'A JWK is a JSON object.',
  'kty-missing': () => 'There is no "kty": it says what kind of key this is.',
  'kty-unknown': (name) => `"kty": "${name}" is not known. Known are RSA, EC, OKP, AKP and oct.`,
  'member-missing': (name) => `"${name}" is missing.`,
  'member-not-base64url': (name) => `"${name}" is not base64url.`,
  'curve-unknown': (name) => `"${name}" is not a curve or algorithm that is known here.`,
  'point-length': (name) => `The coordinates do not have the length that ${name} wants. Leading zeros must be kept.`,
  'point-off-curve': (name) =>
    `The point is not on ${name}: this is no key. Such a key can be made to leak a private one.`,
};

export function keyProblemText({ code, name = '', index }: KeyProblem): string {
  const text = PROBLEMS[code](name);
  return index === undefined ? text : `Key ${index + 1}: ${text}`;
}

export const KEY_TYPES = { secret: 'secret', public: 'public key', private: 'private key' } as const;

export function misfitText(misfit: Misfit, algorithm: string): string {
  return MISFITS[misfit](algorithm);
}

const MISFITS: Readonly<Record<Misfit, (algorithm: string) => string>> = {
  'needs-secret': (alg) =>
    `${alg} is checked with a shared secret, and this is a public or private key. A server that takes the public key for the secret lets anyone sign.`,
  'needs-rsa': (alg) => `${alg} wants an RSA key.`,
  'needs-curve': (alg) => `${alg} wants a key on its own curve.`,
  'needs-ml-dsa': (alg) => `${alg} wants an ML-DSA key made for exactly this algorithm.`,
  'needs-private': () => 'Signing needs the private key; this is the public one.',
  'key-names-other': (alg) =>
    `The key says that it is for another algorithm than ${alg}. A strict verifier does not use it here.`,
  'key-use': () => 'The key says that it is for encryption. A strict verifier does not use it here.',
};

export function hintText(hint: VerificationHint): Explanation {
  if (hint.kind === 'secret-encoding') {
    return {
      title: `The secret fits when it is read as ${hint.encoding === 'utf8' ? 'plain text' : hint.encoding}`,
      detail: 'Choose that above. Signer and verifier must agree on it.',
    };
  }
  if (hint.kind === 'secret-trimmed') {
    return {
      title: 'The secret fits without the white space around it',
      detail: 'A line break at the end of a file or of an environment variable became part of the secret somewhere.',
    };
  }
  if (hint.kind === 'confusion') {
    return {
      title: 'This is an algorithm confusion attack',
      detail:
        'Someone used the text of the public key as the HMAC secret. A server that trusts "alg" in the token would accept this forgery.',
    };
  }
  if (hint.kind === 'der-signature') {
    return {
      title: 'The key is right, the form of the signature is wrong',
      detail: 'Converted from DER it verifies. The signer must write r and s side by side (RFC 7518 section 3.4).',
    };
  }
  if (hint.kind === 'kid-mismatch') {
    return {
      title: 'Another key id',
      detail: `The key that fits calls itself "${hint.kid.slice(0, 80)}", the token names another. A verifier that looks keys up by id will not find it.`,
    };
  }
  return {
    title: 'The key is not in the set',
    detail: `No key of the set is called "${hint.kid.slice(0, 80)}". Either it was rotated away, the set is an old copy, or the token is of another issuer.`,
  };
}

export const DECRYPTION_FAILURES: Readonly<Record<DecryptionFailure, string>> = {
  algorithm: 'The algorithms in the header are not known here.',
  'key-kind': 'The key is of another kind or size than the algorithm wants.',
  'needs-private': 'Decryption needs the private key; this is the public one.',
  epk: 'The sender’s ephemeral key is missing, broken, or on another curve than this key.',
  'key-step':
    'The content key could not be unwrapped: this is not the key that the token was encrypted to, or the encrypted key was changed.',
  'content-key-length': 'The unwrapped content key has the wrong length for “enc”.',
  'content-step':
    'The content key was found, but the content does not fit its tag: header, content or tag was changed.',
  'zip-unknown': 'The content is decrypted, but compressed in an unknown way.',
  'zip-too-large': 'The content is decrypted, but unpacks to more than 256 KB. It was left packed.',
  'insecure-context':
    'RSA needs WebCrypto, which a browser gives only to pages from https, from localhost, or from a file.',
  refused: 'The browser refuses this RSA key.',
};

/** What a misfitting wish of the algorithm looks like as a key. */
export const ATTEMPTS = {
  valid: 'signed this token',
  invalid: 'did not sign this token',
  misfit: 'does not fit',
  'insecure-context': 'RSA needs a secure page',
  refused: 'refused by the browser',
} as const;
