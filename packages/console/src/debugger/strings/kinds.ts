/** What a pasted text is: the forms of tokens, the kinds of tokens, and things that are no tokens. */
import type { ForeignKind } from '../model/foreign.ts';
import type { Form } from '../model/inspect.ts';
import type { Wrapper } from '../model/locate.ts';
import type { ProfileName } from '../model/profile.ts';

export interface Explanation {
  readonly title: string;
  readonly detail: string;
}

export const FORMS: Readonly<Record<Form, string>> = {
  empty: 'Nothing yet',
  jws: 'Signed token',
  jwe: 'Encrypted token',
  'sd-jwt': 'Selective disclosure token',
  'jws-json': 'Signed token in JSON form',
  'jwe-json': 'Encrypted token in JSON form',
  broken: 'Broken token',
  foreign: 'Not a JOSE token',
  'too-long': 'Too long',
};

export const PROFILES: Readonly<
  Record<ProfileName, { readonly name: string; readonly source: string; readonly text: string }>
> = {
  'access-token': {
    name: 'Access token',
    source: 'RFC 9068',
    text: 'Lets a client call an API. It is for the API in “aud”; the client should not look inside.',
  },
  'id-token': {
    name: 'ID token',
    source: 'OpenID Connect Core section 2',
    text: 'Tells a client who signed in. It is for that client and must not be sent to an API.',
  },
  'logout-token': {
    name: 'Logout token',
    source: 'OpenID Connect Back-Channel Logout',
    text: 'Tells a client that a session has ended.',
  },
  'dpop-proof': {
    name: 'DPoP proof',
    source: 'RFC 9449',
    text: 'Shows for one request that the sender holds the key that the access token is bound to.',
  },
  'key-binding': {
    name: 'Key binding',
    source: 'RFC 9901 section 4.3',
    text: 'Shows that whoever presents an SD-JWT holds its key.',
  },
  'sd-jwt': {
    name: 'Selective disclosure',
    source: 'RFC 9901',
    text: 'The holder chooses which claims to show; the issuer’s signature covers digests of all.',
  },
  'client-assertion': {
    name: 'Client assertion',
    source: 'RFC 7523',
    text: 'Authenticates a client to the authorization server, instead of a secret.',
  },
  'request-object': {
    name: 'Request object',
    source: 'RFC 9101',
    text: 'An authorization request, signed by the client.',
  },
  'status-list': {
    name: 'Status list',
    source: 'Token Status List',
    text: 'Says of many tokens at once whether they are revoked.',
  },
  introspection: {
    name: 'Introspection answer',
    source: 'RFC 9701',
    text: 'What the authorization server says about another token.',
  },
  'security-event': {
    name: 'Security event',
    source: 'RFC 8417',
    text: 'Tells a receiver that something happened to a subject.',
  },
  'refresh-token': {
    name: 'Refresh token',
    source: 'RFC 6749 section 1.5',
    text: 'For the authorization server alone, to get new access tokens.',
  },
  jwt: {
    name: 'JWT',
    source: 'RFC 7519',
    text: 'Nothing in it says what it is for. A “typ” would keep it from being taken for another kind.',
  },
  'signed-data': { name: 'Signed data', source: 'RFC 7515', text: 'Signed content that is not a set of claims.' },
};

export const WRAPPERS: Readonly<Record<Wrapper, string>> = {
  none: '',
  bearer: 'Taken without the word in front of it (Bearer or DPoP).',
  header: 'Taken out of a header line.',
  quotes: 'Taken without the quotation marks around it.',
  'line-breaks': 'Taken without the line breaks inside it.',
  'percent-encoding': 'Taken with its percent-encoding undone.',
  text: 'Found in the text around it.',
};

export const FOREIGN: Readonly<Record<ForeignKind, Explanation>> = {
  'pem-key': {
    title: 'This is a key, not a token',
    detail:
      'A key in PEM form. Put it into the key field and the token here. If it says PRIVATE, do not send it to anyone.',
  },
  'pem-certificate': {
    title: 'This is a certificate, not a token',
    detail: 'Its public key can verify signatures: put it into the key field.',
  },
  jwk: { title: 'This is a key, not a token', detail: 'A JSON Web Key. Put it into the key field and the token here.' },
  jwks: {
    title: 'This is a key set, not a token',
    detail:
      'The public keys of an issuer. Put it into the key field; the key with the token’s “kid” will be tried first.',
  },
  'claims-json': {
    title: 'These are claims, not a token',
    detail: 'The JSON that a token would carry. To make a token of it, sign it with a key.',
  },
  json: {
    title: 'This is JSON, and there is no token in it',
    detail:
      'No member holds a token. An error answer of the token endpoint looks like this too: see its “error” and “error_description”.',
  },
  'sealgate-refresh': {
    title: 'This is a Sealgate refresh token',
    detail:
      'It is opaque on purpose: random bytes and a checksum, with nothing inside to read. It is for the issuer’s token endpoint alone. Treat it as a password.',
  },
  paseto: {
    title: 'This is a PASETO',
    detail: 'Another kind of token that looks similar. JWT libraries cannot read it.',
  },
  saml: {
    title: 'This is SAML',
    detail: 'An XML assertion in base64, from an older kind of single sign-on. It is not a JWT.',
  },
  fernet: {
    title: 'This is a Fernet token',
    detail: 'Symmetric encryption as Python’s cryptography package writes it. It is not a JWT.',
  },
  macaroon: { title: 'This is a macaroon', detail: 'A bearer token with caveats. It is not a JWT.' },
  'github-token': {
    title: 'This is a GitHub token',
    detail: 'An opaque credential. If it came here by mistake: it was sent nowhere; still, do not share it.',
  },
  'google-token': {
    title: 'This is a Google access token or API key',
    detail: 'Google’s access tokens are opaque; only its ID tokens are JWTs. Ask its tokeninfo endpoint.',
  },
  'stripe-key': {
    title: 'This is a Stripe key',
    detail: 'An opaque credential. It was sent nowhere; do not share it.',
  },
  'slack-token': {
    title: 'This is a Slack token',
    detail: 'An opaque credential. It was sent nowhere; do not share it.',
  },
  'aws-key': { title: 'This is an AWS access key id', detail: 'It names a key; it is not a token.' },
  uuid: {
    title: 'This is a UUID',
    detail: 'Perhaps a session id, or an opaque token that only its issuer can look up, by introspection.',
  },
  cwt: {
    title: 'This may be a CWT',
    detail: 'The bytes begin like a CBOR Web Token: the same idea in binary form. Only the JSON form is read here.',
  },
  'basic-credentials': {
    title: 'These are Basic credentials',
    detail: 'A user name and a password in base64, which anyone can read. They are not a token.',
  },
  html: {
    title: 'This is HTML',
    detail:
      'Perhaps a login page or an error page came back where a token was expected: look at the status and the address of the answer. It is shown as text and does nothing here.',
  },
  url: {
    title: 'This is an address, and there is no token in it',
    detail:
      'If it is a redirect address, the token may be behind the #, or there is only a code that must be exchanged first.',
  },
  hex: {
    title: 'These are bytes in hexadecimal',
    detail: 'Perhaps a session id or a secret. A JOSE token is written in base64url.',
  },
  'single-part': {
    title: 'This decodes to something like JSON, but it is no token',
    detail: 'There is no dot: a signed token has three parts. Perhaps it is one part of a token, cut off.',
  },
  opaque: {
    title: 'This is not a JOSE token',
    detail:
      'There are no parts divided by dots. Perhaps it is an opaque token: only its issuer can say what it means, by introspection. Or a secret, or a hash.',
  },
  prose: {
    title: 'There is no token in this text',
    detail:
      'No part of it begins like a token, which is with “eyJ” (the start of a JSON object in base64url), and has dots.',
  },
};
