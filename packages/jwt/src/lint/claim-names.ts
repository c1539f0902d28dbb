/** Names of claims that lint rules know. Data and exact look-ups. Runs in a browser. */

const REGISTERED = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'scope',
  'client_id',
  'azp',
  'nonce',
  'sid',
]);

/** Names people invent for what has a registered one. */
const INVENTED: ReadonlyMap<string, string> = new Map([
  ['issuer', 'iss'],
  ['subject', 'sub'],
  ['audience', 'aud'],
  ['expires', 'exp'],
  ['expiry', 'exp'],
  ['expiration', 'exp'],
  ['expires_at', 'exp'],
  ['expiresat', 'exp'],
  ['not_before', 'nbf'],
  ['notbefore', 'nbf'],
  ['issued_at', 'iat'],
  ['issuedat', 'iat'],
  ['token_id', 'jti'],
  ['scopes', 'scope'],
  ['clientid', 'client_id'],
]);

const PERSONAL: ReadonlyMap<string, string> = new Map([
  ['email', 'an email address'],
  ['mail', 'an email address'],
  ['phone', 'a phone number'],
  ['phone_number', 'a phone number'],
  ['mobile', 'a phone number'],
  ['address', 'a postal address'],
  ['birthdate', 'a date of birth'],
  ['date_of_birth', 'a date of birth'],
  ['dob', 'a date of birth'],
  ['ssn', 'a national identity number'],
  ['national_id', 'a national identity number'],
  ['passport', 'a national identity number'],
  ['given_name', 'a name'],
  ['family_name', 'a name'],
  ['first_name', 'a name'],
  ['last_name', 'a name'],
  ['name', 'a name'],
  ['ip', 'a network address'],
  ['ip_address', 'a network address'],
]);

const CREDENTIALS = new Set([
  'password',
  'passwd',
  'pwd',
  'secret',
  'client_secret',
  'api_key',
  'apikey',
  'private_key',
  'credit_card',
  'card_number',
  'cvv',
  'pin',
]);

/** The registered name that `name` resembles without being it. */
export function registeredName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (REGISTERED.has(name)) return undefined;
  return REGISTERED.has(lower) ? lower : INVENTED.get(lower);
}

/** What personal data a claim of this name holds. */
export function personalData(name: string): string | undefined {
  return PERSONAL.get(name.toLowerCase());
}

export function credentialName(name: string): boolean {
  return CREDENTIALS.has(name.toLowerCase());
}
