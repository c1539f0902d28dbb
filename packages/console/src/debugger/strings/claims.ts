/**
 * What header parameters and claims mean, one sentence each, and the document that defines them (IANA registries "JSON Web Token
 * Claims" and "JSON Object Signing and Encryption").
 */

export interface Meaning {
  readonly text: string;
  /** As a reader would cite it. */
  readonly source: string;
}

type Table = Readonly<Record<string, readonly [text: string, source: string]>>;

const CLAIMS: Table = {
  iss: ['Issuer: who made and signed the token.', 'RFC 7519 section 4.1.1'],
  sub: ['Subject: whom the token is about.', 'RFC 7519 section 4.1.2'],
  aud: ['Audience: for whom the token is meant. An API must find itself here.', 'RFC 7519 section 4.1.3'],
  exp: ['Expires: not valid from this time on.', 'RFC 7519 section 4.1.4'],
  nbf: ['Not before: not valid until this time.', 'RFC 7519 section 4.1.5'],
  iat: ['Issued at: when the token was made.', 'RFC 7519 section 4.1.6'],
  jti: ['Token id: unique, to recognise or revoke this one token.', 'RFC 7519 section 4.1.7'],
  client_id: ['Client: the application that asked for the token.', 'RFC 8693 section 4.3'],
  scope: ['Scope: what the client may do, words divided by spaces.', 'RFC 8693 section 4.2'],
  act: ['Actor: who acts for the subject.', 'RFC 8693 section 4.1'],
  may_act: ['May act: who is allowed to become the actor.', 'RFC 8693 section 4.4'],
  cnf: ['Confirmation: the key that whoever presents the token must hold.', 'RFC 7800 section 3.1'],
  status: ['Status: where to look up whether the token was revoked.', 'Token Status List section 6'],
  sid: ['Session: the login that the token belongs to.', 'OpenID Connect Front-Channel Logout section 3'],
  roles: ['Roles of the subject.', 'RFC 9068 section 2.2.3.1'],
  groups: ['Groups of the subject.', 'RFC 9068 section 2.2.3.1'],
  entitlements: ['Entitlements of the subject.', 'RFC 9068 section 2.2.3.1'],
  authorization_details: ['What exactly was granted, in structured form.', 'RFC 9396 section 9.1'],
  nonce: ['Nonce: ties the token to one request, against replay.', 'OpenID Connect Core section 2'],
  auth_time: ['When the user last signed in.', 'OpenID Connect Core section 2'],
  acr: ['How strong the sign-in was.', 'OpenID Connect Core section 2'],
  amr: ['How the user signed in: password, key, one-time code.', 'RFC 8176'],
  azp: ['Authorized party: the client that the ID token was made for.', 'OpenID Connect Core section 2'],
  at_hash: ['Hash of the access token that came with this ID token.', 'OpenID Connect Core section 3.1.3.6'],
  c_hash: ['Hash of the authorization code that came with this ID token.', 'OpenID Connect Core section 3.3.2.11'],
  s_hash: ['Hash of the state of the request.', 'FAPI 1.0 part 2 section 5.1'],
  name: ['Full name.', 'OpenID Connect Core section 5.1'],
  given_name: ['Given name.', 'OpenID Connect Core section 5.1'],
  family_name: ['Family name.', 'OpenID Connect Core section 5.1'],
  preferred_username: [
    'Name that the user wants to be called by. Not unique, not stable.',
    'OpenID Connect Core section 5.1',
  ],
  email: ['E-mail address. Not a stable identifier.', 'OpenID Connect Core section 5.1'],
  email_verified: ['Whether the issuer checked the e-mail address.', 'OpenID Connect Core section 5.1'],
  phone_number: ['Telephone number.', 'OpenID Connect Core section 5.1'],
  picture: ['Address of a picture.', 'OpenID Connect Core section 5.1'],
  birthdate: ['Date of birth.', 'OpenID Connect Core section 5.1'],
  address: ['Postal address.', 'OpenID Connect Core section 5.1.1'],
  locale: ['Language and region.', 'OpenID Connect Core section 5.1'],
  zoneinfo: ['Time zone.', 'OpenID Connect Core section 5.1'],
  updated_at: ['When the user’s data last changed.', 'OpenID Connect Core section 5.1'],
  events: ['Security events: what happened.', 'RFC 8417 section 2.2'],
  htm: ['Method of the request that the proof is for.', 'RFC 9449 section 4.2'],
  htu: ['Address of the request that the proof is for, without query.', 'RFC 9449 section 4.2'],
  ath: ['Hash of the access token that the proof goes with.', 'RFC 9449 section 4.2'],
  _sd: ['Digests of claims that the holder may disclose.', 'RFC 9901 section 4.2.4.1'],
  _sd_alg: ['Hash that the digests were made with.', 'RFC 9901 section 4.1.1'],
  sd_hash: ['Hash of the SD-JWT that this key binding goes with.', 'RFC 9901 section 4.3'],
  vct: ['Type of the verifiable credential.', 'SD-JWT VC section 3.2.2'],
  status_list: ['The list itself: one bit or more for each token.', 'Token Status List section 5.1'],
  ttl: ['How long the list may be cached, in seconds.', 'Token Status List section 5.1'],
  token_introspection: ['The answer about another token.', 'RFC 9701 section 5'],
  tenant: ['Tenant that the token is for. Private to the issuer.', 'RFC 7519 section 4.3'],
  scp: ['Scopes, as some issuers write them. Private; the registered claim is "scope".', 'RFC 7519 section 4.3'],
  permissions: ['Permissions. Private to the issuer.', 'RFC 7519 section 4.3'],
  realm_access: ['Roles in the realm, as Keycloak writes them. Private to the issuer.', 'RFC 7519 section 4.3'],
  resource_access: ['Roles by client, as Keycloak writes them. Private to the issuer.', 'RFC 7519 section 4.3'],
  'cognito:groups': ['Groups, as Amazon Cognito writes them. Private to the issuer.', 'RFC 7519 section 4.3'],
  oid: ['Object id of the user, as Microsoft Entra writes it. Private to the issuer.', 'RFC 7519 section 4.3'],
  tid: ['Tenant id, as Microsoft Entra writes it. Private to the issuer.', 'RFC 7519 section 4.3'],
};

const PARAMETERS: Table = {
  alg: [
    'Algorithm that signed the token, or that gave the content key. A verifier compares it with its own list.',
    'RFC 7515 section 4.1.1',
  ],
  enc: ['How the content is encrypted.', 'RFC 7516 section 4.1.2'],
  typ: ['Type of token, so that one kind is not taken for another.', 'RFC 8725 section 3.11'],
  cty: ['What the content is; JWT says that a token is inside.', 'RFC 7515 section 4.1.10'],
  kid: ['Key id: which of the issuer’s keys to use.', 'RFC 7515 section 4.1.4'],
  jku: ['Address of a key set. Never to be followed on the token’s word.', 'RFC 7515 section 4.1.2'],
  jwk: ['A public key inside the token.', 'RFC 7515 section 4.1.3'],
  x5u: ['Address of a certificate. Never to be followed on the token’s word.', 'RFC 7515 section 4.1.5'],
  x5c: ['Certificate chain of the signing key.', 'RFC 7515 section 4.1.6'],
  x5t: ['SHA-1 thumbprint of the certificate.', 'RFC 7515 section 4.1.7'],
  'x5t#S256': ['SHA-256 thumbprint of the certificate.', 'RFC 7515 section 4.1.8'],
  crit: ['Extensions that must be understood.', 'RFC 7515 section 4.1.11'],
  b64: ['Whether the payload is base64url.', 'RFC 7797 section 3'],
  zip: ['How the content was compressed before encryption.', 'RFC 7516 section 4.1.3'],
  epk: ['Ephemeral public key of the sender.', 'RFC 7518 section 4.6.1.1'],
  apu: ['Who the sender is, for the derived key.', 'RFC 7518 section 4.6.1.2'],
  apv: ['Who the recipient is, for the derived key.', 'RFC 7518 section 4.6.1.3'],
  iv: ['Initialization vector of the key wrap.', 'RFC 7518 section 4.7.1.1'],
  tag: ['Authentication tag of the key wrap.', 'RFC 7518 section 4.7.1.2'],
  p2s: ['Salt of the password.', 'RFC 7518 section 4.8.1.1'],
  p2c: ['Rounds of the password hash, chosen by the sender.', 'RFC 7518 section 4.8.1.2'],
  iss: ['Issuer, repeated outside the encryption.', 'RFC 7519 section 5.3'],
  sub: ['Subject, repeated outside the encryption.', 'RFC 7519 section 5.3'],
  aud: ['Audience, repeated outside the encryption.', 'RFC 7519 section 5.3'],
  trust_chain: ['Chain of statements that leads to a trust anchor.', 'OpenID Federation section 4.3'],
};

const read = (table: Table, name: string): Meaning | undefined => {
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  return entry && { text: entry[0], source: entry[1] };
};

export function claimMeaning(name: string): Meaning | undefined {
  return read(CLAIMS, name);
}

export function parameterMeaning(name: string): Meaning | undefined {
  return read(PARAMETERS, name);
}

/** The address of a cited RFC section; `undefined` for documents that are not RFCs. */
export function sourceAddress(source: string): string | undefined {
  const [, number, section] = /^RFC (\d+)(?: (?:section|appendix) ([\w.]+))?/u.exec(source) ?? [];
  if (number === undefined) return undefined;
  const anchor = section === undefined ? '' : /^[A-Z]/u.test(section) ? `#appendix-${section}` : `#section-${section}`;
  return `https://www.rfc-editor.org/rfc/rfc${number}.html${anchor}`;
}
