/** Bodies that no endpoint may accept, and none may choke on. `canary` in them must never be seen again. */

export interface BadBody {
  readonly name: string;
  readonly contentType: string | undefined;
  readonly body: string | Buffer | undefined;
}

export const CANARY = 'canary-7f3a';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const invalidUtf8 = Buffer.concat([Buffer.from('{"username":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]);

/** For endpoints that take JSON. */
export const BAD_JSON: readonly BadBody[] = [
  { name: 'no body', contentType: undefined, body: undefined },
  { name: 'no body, but a type', contentType: JSON_TYPE, body: '' },
  { name: 'no JSON', contentType: JSON_TYPE, body: `{"password":"${CANARY}"` },
  { name: 'an array', contentType: JSON_TYPE, body: `["${CANARY}"]` },
  { name: 'a string', contentType: JSON_TYPE, body: `"${CANARY}"` },
  { name: 'null', contentType: JSON_TYPE, body: 'null' },
  { name: 'nothing in it', contentType: JSON_TYPE, body: '{}' },
  {
    name: 'members of wrong types',
    contentType: JSON_TYPE,
    body: `{"username":[1],"password":{"$ne":"${CANARY}"},"client_id":7,"refresh_token":true,"connection":[],"seq":"x"}`,
  },
  { name: 'members that do not exist', contentType: JSON_TYPE, body: `{"${CANARY}":1}` },
  { name: 'a prototype', contentType: JSON_TYPE, body: `{"__proto__":{"client_id":"${CANARY}"}}` },
  { name: 'a constructor', contentType: JSON_TYPE, body: `{"constructor":{"prototype":{"x":"${CANARY}"}}}` },
  { name: '2 MB', contentType: JSON_TYPE, body: `{"password":"${'x'.repeat(2 * 1024 * 1024)}"}` },
  { name: 'nesting 100,000 deep', contentType: JSON_TYPE, body: `${'['.repeat(50_000)}${']'.repeat(50_000)}` },
  { name: 'a deep member', contentType: JSON_TYPE, body: `{"username":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}` },
  { name: 'invalid UTF-8', contentType: JSON_TYPE, body: invalidUtf8 },
  {
    name: 'a NUL',
    contentType: JSON_TYPE,
    body: `{"username":"a\\u0000b","password":"${CANARY}","client_id":"orders-web"}`,
  },
  { name: 'a form', contentType: FORM_TYPE, body: `username=x&password=${CANARY}` },
  { name: 'plain text', contentType: 'text/plain', body: `{"username":"x","password":"${CANARY}"}` },
  { name: 'XML', contentType: 'application/xml', body: `<a>${CANARY}</a>` },
  { name: 'a type that is none', contentType: ';;;', body: '{}' },
  { name: 'multipart', contentType: 'multipart/form-data; boundary=x', body: `--x\r\n\r\n${CANARY}\r\n--x--` },
];

/** For endpoints that take a form (RFC 6749 section 3.2). */
export const BAD_FORMS: readonly BadBody[] = [
  { name: 'no body', contentType: undefined, body: undefined },
  { name: 'no body, but a type', contentType: FORM_TYPE, body: '' },
  { name: 'a grant type that there is not', contentType: FORM_TYPE, body: `grant_type=${CANARY}` },
  {
    name: 'a parameter twice',
    contentType: FORM_TYPE,
    body: 'grant_type=client_credentials&grant_type=client_credentials&token=a&token=b&refresh_token=a&refresh_token=b',
  },
  { name: 'brackets', contentType: FORM_TYPE, body: `grant_type[]=client_credentials&token[a]=${CANARY}` },
  { name: 'a scope that cannot be', contentType: FORM_TYPE, body: 'grant_type=client_credentials&scope=%00%22' },
  { name: 'invalid percent-encoding', contentType: FORM_TYPE, body: 'grant_type=%zz&token=%' },
  { name: 'invalid UTF-8', contentType: FORM_TYPE, body: 'grant_type=%ff%fe&token=%c3%28' },
  { name: '2 MB', contentType: FORM_TYPE, body: `token=${'x'.repeat(2 * 1024 * 1024)}` },
  {
    name: '10,000 parameters',
    contentType: FORM_TYPE,
    body: Array.from({ length: 10_000 }, (_, at) => `p${at}=1`).join('&'),
  },
  { name: 'JSON', contentType: JSON_TYPE, body: `{"grant_type":"client_credentials","token":"${CANARY}"}` },
  { name: 'plain text', contentType: 'text/plain', body: `grant_type=client_credentials&token=${CANARY}` },
  { name: 'multipart', contentType: 'multipart/form-data; boundary=x', body: `--x\r\n\r\n${CANARY}\r\n--x--` },
];
