/** Who the client says it is (RFC 6749 section 2.3), asked at the token endpoint. */
import { type OracleCase, basic, basicOf, form, post } from '../requests.ts';
import { LIMITED, WEB, WORKER } from '../world.ts';

const GRANT = { grant_type: 'client_credentials' };
const rule = 'RFC 6749 section 2.3';

function withHeaders(name: string, headers: Record<string, string>, more: Record<string, string> = {}): OracleCase {
  return { name, rule, request: () => form('token', { ...GRANT, ...more }, headers) };
}

const encoded = (text: string) => ({ authorization: `Basic ${text}` });

export const CLIENT_AUTHENTICATION: readonly OracleCase[] = [
  withHeaders('basic', basic(WORKER)),
  withHeaders('basic with the scheme in lower case', {
    authorization: basic(WORKER)['authorization']?.replace('Basic', 'basic') ?? '',
  }),
  withHeaders('basic, every character percent-encoded', basicOf(`${percent(WORKER.id)}:${percent(WORKER.secret)}`)),
  withHeaders('post', {}, post(WORKER)),
  withHeaders('basic, and the same client_id in the body', basic(WORKER), { client_id: WORKER.id }),
  withHeaders('basic, and another client_id in the body', basic(WORKER), { client_id: LIMITED.id }),
  withHeaders('basic and post at once', basic(WORKER), post(WORKER)),
  withHeaders('nothing', {}),
  withHeaders('client_id alone of a confidential client', {}, { client_id: WORKER.id }),
  withHeaders('client_id alone of an unknown client', {}, { client_id: 'nobody' }),
  withHeaders('client_secret alone', {}, { client_secret: WORKER.secret }),
  withHeaders('wrong secret, basic', basic({ ...WORKER, secret: 'wrong' })),
  withHeaders('wrong secret, post', {}, post({ ...WORKER, secret: 'wrong' })),
  withHeaders('secret in another case', basic({ ...WORKER, secret: WORKER.secret.toUpperCase() })),
  withHeaders('secret of another client', basic({ ...WORKER, secret: LIMITED.secret })),
  withHeaders('empty secret, basic', basicOf(`${WORKER.id}:`)),
  withHeaders('empty secret, post', {}, { client_id: WORKER.id, client_secret: '' }),
  withHeaders('empty client id, basic', basicOf(`:${WORKER.secret}`)),
  withHeaders('unknown client, basic', basic({ id: 'nobody', secret: WORKER.secret })),
  withHeaders('unknown client, post', {}, post({ id: 'nobody', secret: WORKER.secret })),
  withHeaders('client named like a member of every object', basic({ id: '__proto__', secret: WORKER.secret })),
  withHeaders('public client with a secret', {}, { client_id: WEB, client_secret: 'x' }),
  withHeaders('public client by basic', basic({ id: WEB, secret: 'x' })),
  withHeaders('basic without a colon', basicOf(WORKER.id)),
  withHeaders('basic with a broken percent-encoding', basicOf(`${WORKER.id}:%zz`)),
  withHeaders('basic that is not base64', encoded('!!!!')),
  withHeaders('basic with nothing after it', { authorization: 'Basic' }),
  withHeaders('basic with two parts after it', encoded('d29ya2Vy OnNlY3JldA==')),
  withHeaders('basic with invalid UTF-8', encoded(Buffer.from([0xff, 0x3a, 0xff]).toString('base64'))),
  withHeaders('bearer', { authorization: 'Bearer some-token' }),
  withHeaders('digest', { authorization: 'Digest username="worker"' }),
  withHeaders('a client assertion of an unknown type', {}, { client_assertion_type: 'x', client_assertion: 'y' }),
  {
    name: 'client_id repeated',
    rule: 'RFC 6749 section 3.2',
    request: () =>
      form('token', [
        ['grant_type', 'client_credentials'],
        ['client_id', WORKER.id],
        ['client_id', WORKER.id],
        ['client_secret', WORKER.secret],
      ]),
  },
  {
    name: 'client_secret repeated',
    rule: 'RFC 6749 section 3.2',
    request: () =>
      form('token', [
        ['grant_type', 'client_credentials'],
        ['client_id', WORKER.id],
        ['client_secret', WORKER.secret],
        ['client_secret', WORKER.secret],
      ]),
  },
];

function percent(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
