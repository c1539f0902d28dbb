/** The token endpoint (RFC 6749 sections 3.2, 4.4 and 5.2): the request as a whole, and client credentials. */
import { type OracleCase, basic, form, raw } from '../requests.ts';
import { LIMITED, SCOPES, WEB, WORKER } from '../world.ts';

const GRANT = { grant_type: 'client_credentials' };
const worker = basic(WORKER);

function sending(
  name: string,
  rule: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): OracleCase {
  return { name, rule, request: () => raw('token', body, { ...worker, ...headers }) };
}

function asking(
  name: string,
  rule: string,
  fields: Record<string, string>,
  headers: Record<string, string> = worker,
): OracleCase {
  return { name, rule, request: () => form('token', fields, headers) };
}

const good = 'grant_type=client_credentials';

const WHOLE: readonly OracleCase[] = [
  sending('good', 'RFC 6749 section 4.4.2', good),
  sending('no body', 'RFC 6749 section 3.2', ''),
  sending('a grant_type without a value', 'RFC 6749 section 3.2', 'grant_type='),
  sending('a grant_type without an equals sign', 'RFC 6749 section 3.2', 'grant_type'),
  sending('another parameter only', 'RFC 6749 section 3.2', 'scope=orders%3Aread'),
  sending('a parameter nobody knows', 'RFC 6749 section 3.2', `${good}&colour=red`),
  sending(
    'a parameter nobody knows, named like a member of every object',
    'RFC 6749 section 3.2',
    `${good}&__proto__=x`,
  ),
  sending('grant_type repeated', 'RFC 6749 section 3.2', `${good}&${good}`),
  sending('scope repeated', 'RFC 6749 section 3.2', `${good}&scope=orders%3Aread&scope=orders%3Awrite`),
  sending('a parameter nobody knows, repeated', 'RFC 6749 section 3.2', `${good}&colour=red&colour=blue`),
  sending('a parameter in brackets', 'RFC 6749 appendix B', 'grant_type[]=client_credentials'),
  sending('empty pairs', 'RFC 6749 appendix B', `&&${good}&&`),
  sending('a name in capitals', 'RFC 6749 section 3.2', 'GRANT_TYPE=client_credentials'),
  sending('a value in capitals', 'RFC 6749 section 4.4.2', 'grant_type=CLIENT_CREDENTIALS'),
  sending('white space around the value', 'RFC 6749 section 4.4.2', 'grant_type=+client_credentials+'),
  sending('a broken percent-encoding', 'RFC 6749 appendix B', `${good}&scope=%zz`),
  sending('percent-encoded bytes that are not UTF-8', 'RFC 6749 appendix B', `${good}&scope=%ff%fe`),
  sending(
    'raw bytes that are not UTF-8',
    'RFC 6749 appendix B',
    Buffer.from([...Buffer.from(`${good}&scope=`), 0xff, 0xfe]),
  ),
  sending('a NUL in the value', 'RFC 6749 section 3.3', `${good}&scope=orders%00`),
  sending('2 MB', 'RFC 9110 section 15.5.14', `${good}&scope=${'x'.repeat(2 * 1024 * 1024)}`),
  sending('JSON', 'RFC 6749 section 3.2', JSON.stringify(GRANT), { 'content-type': 'application/json' }),
  sending('plain text', 'RFC 6749 section 3.2', good, { 'content-type': 'text/plain' }),
  sending('no content type', 'RFC 6749 section 3.2', good, { 'content-type': '' }),
  sending('multipart', 'RFC 6749 section 3.2', good, { 'content-type': 'multipart/form-data; boundary=x' }),
  sending('content type with a charset', 'RFC 6749 section 3.2', good, {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
  }),
  sending('content type in capitals', 'RFC 9110 section 8.3.1', good, {
    'content-type': 'APPLICATION/X-WWW-FORM-URLENCODED',
  }),
  { name: 'GET', rule: 'RFC 6749 section 3.2', request: () => ({ endpoint: 'token', method: 'GET', headers: worker }) },
  {
    name: 'PUT',
    rule: 'RFC 6749 section 3.2',
    request: () => ({ endpoint: 'token', method: 'PUT', headers: worker, body: good }),
  },
  {
    name: 'DELETE',
    rule: 'RFC 6749 section 3.2',
    request: () => ({ endpoint: 'token', method: 'DELETE', headers: worker }),
  },
];

const GRANTS: readonly OracleCase[] = ['password', 'implicit', 'urn:example:unknown', 'constructor', '__proto__'].map(
  (grant) => asking(`grant ${grant}`, 'RFC 6749 section 5.2', { grant_type: grant }),
);

const CLIENT_CREDENTIALS: readonly OracleCase[] = [
  asking('client credentials of a client that may not', 'RFC 6749 section 5.2', GRANT, basic(LIMITED)),
  asking('client credentials of a public client', 'RFC 6749 section 4.4', { ...GRANT, client_id: WEB }, {}),
  asking('every scope', 'RFC 6749 section 3.3', { ...GRANT, scope: SCOPES.join(' ') }),
  asking('one scope', 'RFC 6749 section 3.3', { ...GRANT, scope: 'orders:read' }),
  asking('the same scope twice', 'RFC 6749 section 3.3', { ...GRANT, scope: 'orders:read orders:read' }),
  asking('an unknown scope', 'RFC 6749 section 5.2', { ...GRANT, scope: 'planets:move' }),
  asking('a known and an unknown scope', 'RFC 6749 section 5.2', { ...GRANT, scope: 'orders:read planets:move' }),
  asking('a scope with a quote', 'RFC 6749 section 3.3', { ...GRANT, scope: 'orders"read' }),
  asking('a scope with a tab', 'RFC 6749 section 3.3', { ...GRANT, scope: 'orders:read\torders:write' }),
  asking('a scope beyond ASCII', 'RFC 6749 section 3.3', { ...GRANT, scope: 'ördërs' }),
  asking('two spaces between scopes', 'RFC 6749 section 3.3', { ...GRANT, scope: 'orders:read  orders:write' }),
  asking('a resource that is not a URI', 'RFC 8707 section 2', { ...GRANT, resource: 'not a uri' }),
  asking('a resource with a fragment', 'RFC 8707 section 2', { ...GRANT, resource: 'https://api.oracle.test/#x' }),
  asking('an unknown resource', 'RFC 8707 section 2', { ...GRANT, resource: 'https://nobody.test' }),
  asking('a refresh token beside it', 'RFC 6749 section 4.4.2', { ...GRANT, refresh_token: 'x' }),
];

export const TOKEN_ENDPOINT: readonly OracleCase[] = [...WHOLE, ...GRANTS, ...CLIENT_CREDENTIALS];
