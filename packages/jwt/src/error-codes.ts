/**
 * The one table of what can go wrong in `@sealgate/jwt`: code, meaning, and what to do about it.
 *
 * `JwtErrorCode`, the messages and `docs/errors.md` all come from here. No text in this table has a place for a token, a key or
 * an unverified claim: details are names, positions and limits.
 */

interface ErrorEntry {
  /** What was wrong, one sentence without a full stop. */
  readonly message: string;
  /** What the reader of the message should do. */
  readonly remedy: string;
  /** Where the rule stands. */
  readonly source: string;
}

/** Every code that `JwtError` has: what went wrong, what to do, and the section that asks for the refusal. */
export const ERROR_CODES = {
  token_malformed: {
    message: 'the token does not have the form of this serialization',
    remedy: 'pass the exact string that the issuer gave: a JWS has three parts divided by dots, a JWE five',
    source: 'RFC 7515 section 7.1, RFC 7516 section 7.1',
  },
  token_too_large: {
    message: 'the token is longer than the limit',
    remedy: 'put less into the token, or raise the limit if you trust the issuer with it',
    source: 'RFC 8725 section 3',
  },
  base64url_invalid: {
    message: 'a part of the token is not canonical base64url',
    remedy: 'do not pad, re-encode or trim tokens in transport; one token has one spelling',
    source: 'RFC 7515 section 2, RFC 4648 section 3.5',
  },
  json_invalid: {
    message: 'a part of the token is not strict JSON in UTF-8',
    remedy: 'correct the issuer: it must write one JSON object in UTF-8 without a byte order mark',
    source: 'RFC 8259, RFC 7493 section 2',
  },
  json_duplicate_member: {
    message: 'a JSON object names the same member twice',
    remedy: 'correct the issuer: two readers could see two different values',
    source: 'RFC 7515 section 4, RFC 7519 section 4',
  },
  json_too_complex: {
    message: 'the JSON nests deeper or has more members than the limit',
    remedy: 'put less into the token',
    source: 'RFC 8725 section 3',
  },
  header_invalid: {
    message: 'a header parameter is missing or has the wrong form',
    remedy: 'correct the issuer: the parameter must be as its RFC says',
    source: 'RFC 7515 section 4.1',
  },
  critical_unsupported: {
    message: 'the header demands an extension that must not be ignored and is not supported here',
    remedy: 'refuse the token, or use the entry point that implements the extension',
    source: 'RFC 7515 section 4.1.11, RFC 7797 section 6',
  },
  algorithm_not_allowed: {
    message: 'the algorithm in the header is not one of those configured',
    remedy: 'name it in `algorithms` if the issuer really signs with it',
    source: 'RFC 8725 section 3.1',
  },
  typ_mismatch: {
    message: 'the token is of another type than the one expected here',
    remedy: 'use the kind of token made for this purpose, or set `typ` to what the issuer writes',
    source: 'RFC 8725 section 3.11',
  },
  kid_missing: {
    message: 'the token names no key and more than one could have signed it',
    remedy: 'let the issuer write `kid`, or configure one key',
    source: 'RFC 7515 section 4.1.4',
  },
  key_unknown: {
    message: 'no key of this issuer answers to the key id and algorithm of the token',
    remedy: 'check that the token is of this issuer and that its key is published',
    source: 'RFC 7515 section 4.1.4, RFC 8725 section 3.8',
  },
  keys_unavailable: {
    message: 'the keys of the issuer could not be fetched',
    remedy: 'check the address, the network and the state of the issuer; nothing is accepted until keys are known',
    source: 'RFC 7517 section 5',
  },
  signature_invalid: {
    message: 'the signature does not verify',
    remedy: 'refuse the token: it was changed or was signed by another key',
    source: 'RFC 7515 section 5.2',
  },
  claims_not_object: {
    message: 'the payload is not a JSON object',
    remedy: 'use `verifyJws` for payloads that are not claims',
    source: 'RFC 7519 section 7.2',
  },
  claim_missing: {
    message: 'a required claim is missing',
    remedy: 'let the issuer write it',
    source: 'RFC 7519 section 4',
  },
  claim_malformed: {
    message: 'a claim has the wrong type or is out of bounds',
    remedy: 'correct the issuer: a wrong type is never treated as absence',
    source: 'RFC 7519 section 4.1',
  },
  claim_mismatch: {
    message: 'a claim does not have the value that was asked for',
    remedy: 'get a token that was made for this purpose',
    source: 'RFC 7519 section 4',
  },
  issuer_unknown: {
    message: 'the issuer of the token is not one of those configured',
    remedy: 'compare `iss` with the configuration, character by character: a final slash counts',
    source: 'RFC 7519 section 4.1.1, RFC 8725 section 3.8',
  },
  audience_mismatch: {
    message: 'the token is meant for another audience',
    remedy: 'ask the issuer for a token with this audience, or correct `audience`',
    source: 'RFC 7519 section 4.1.3, RFC 8725 section 3.9',
  },
  token_expired: {
    message: 'the token has expired',
    remedy: 'get a new token; compare the clocks if it is new',
    source: 'RFC 7519 section 4.1.4',
  },
  token_not_yet_valid: {
    message: 'the token is not valid yet',
    remedy: 'wait, or compare the clocks',
    source: 'RFC 7519 section 4.1.5',
  },
  token_issued_in_future: {
    message: 'the token says that it was issued in the future',
    remedy: 'compare the clocks of issuer and verifier, or allow for skew',
    source: 'RFC 7519 section 4.1.6',
  },
  token_too_old: {
    message: 'the token was issued longer ago than is accepted here',
    remedy: 'get a new token',
    source: 'RFC 7519 section 4.1.6',
  },
  claims_rejected: {
    message: 'the claims do not satisfy the schema',
    remedy: 'compare the token with the schema given as `claims`',
    source: 'application rule',
  },
  key_malformed: {
    message: 'this is not a well-formed key of the kind named',
    remedy: 'export the key again, as JWK, PEM or DER',
    source: 'RFC 7517 section 4, RFC 7518 section 6, RFC 7468',
  },
  key_unsupported: {
    message: 'this kind of key or algorithm is not supported',
    remedy: 'use one of the algorithms in the table of the README',
    source: 'RFC 7518 section 3.1, RFC 9864',
  },
  key_algorithm_mismatch: {
    message: 'the key is not a key for this algorithm',
    remedy: 'a key has one algorithm: name that one',
    source: 'RFC 8725 section 3.1, RFC 7517 section 4.4',
  },
  key_too_weak: {
    message: 'the key is too weak to protect anything',
    remedy: 'generate a new key of the proper size',
    source: 'RFC 7518 sections 3.2 and 3.3, RFC 8725 section 3.5',
  },
  key_use_forbidden: {
    message: 'the key is marked for another use',
    remedy: 'use a key whose `use` and `key_ops` permit this, or the public or private half as fits',
    source: 'RFC 7517 sections 4.2 and 4.3',
  },
  key_encrypted: {
    message: 'the key is encrypted with a passphrase',
    remedy: 'decrypt it before import, for example with `openssl pkey`',
    source: 'RFC 5958 section 3',
  },
  key_confusion: {
    message: 'a public key or key file was given where secret bytes belong',
    remedy: 'import it under its own algorithm; a shared secret is random bytes',
    source: 'RFC 8725 section 2.1',
  },
  key_not_public: {
    message: 'a private or secret key stands in a public key set',
    remedy: 'withdraw the key at once: whoever read the set can sign',
    source: 'RFC 7517 section 9.2',
  },
  key_duplicate_id: {
    message: 'two keys of the set have the same key id',
    remedy: 'give each key its own `kid`',
    source: 'RFC 7517 section 4.5',
  },
  jwks_malformed: {
    message: 'this is not a JWK set',
    remedy: 'a JWK set is an object with an array `keys` of bounded length',
    source: 'RFC 7517 section 5',
  },
  encryption_not_allowed: {
    message: 'the encryption method in the header is not one of those configured',
    remedy: 'name it in `encryptions` if the sender really uses it',
    source: 'RFC 8725 section 3.1',
  },
  decryption_failed: {
    message: 'the token does not decrypt',
    remedy: 'refuse the token; why it failed is not told, on purpose',
    source: 'RFC 7516 section 11.5',
  },
  signing_failed: {
    message: 'the signer gave no usable signature',
    remedy: 'check the signing service and that its key is the one named',
    source: 'RFC 7515 section 5.1',
  },
  clock_invalid: {
    message: 'the clock gave no usable time',
    remedy: 'correct the function handed in as `now`: it gives seconds since 1970',
    source: 'RFC 7519 section 2',
  },
} as const satisfies Record<string, ErrorEntry>;

/** A stable name of what went wrong. Branch on this, never on a message. */
export type JwtErrorCode = keyof typeof ERROR_CODES;
