/** The OpenAPI document of the administration: valid by a validator of others, complete, and kept to by every operation. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, startIssuer } from '../issuer-under-test.ts';
import { STORE_KINDS, type Databases } from '../stores.ts';
import { describeAdminApi } from '../../src/index.ts';
import { startAdministration, type AdminDocument, type Administration } from './administration.ts';

const CHECKED_IN = path.resolve(import.meta.dirname, '../../../../docs/admin-api.json');

it('is a valid document of OpenAPI 3.1', async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone({ ...describeAdminApi('https://id.acme.test/admin/v1') }));
  expect(result).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

it('is what is checked in, but for the address of the issuer, and is served to anybody', async () => {
  const issuer = await startIssuer();
  const served = await issuer.get('/admin/v1/openapi.json');
  await issuer.close();
  expect(served.status).toBe(200);
  const document: Record<string, unknown> = JSON.parse(readFileSync(CHECKED_IN, 'utf8'));
  expect(served.body).toEqual({ ...document, servers: [{ url: `${issuer.url}/admin/v1` }] });
});

describe.each(STORE_KINDS)('an operation on $name', (storeKind) => {
  let databases: Databases;
  let admin: Administration;

  beforeAll(async () => {
    databases = await storeKind.start();
    admin = await startAdministration({
      database: (await databases.create()).address,
      config: {
        mail: { from: 'Acme <no-reply@acme.test>', outbox: 'outbox', resetLink: 'https://app.acme.test/new#{token}' },
      },
    });
  });
  afterAll(async () => {
    await admin.close();
    await databases.stop();
  });

  it('answers as it says, each of them', async () => {
    const call = (method: string, target: string, body?: unknown) => admin.call(method, target, body);
    const password = 'a password for the document';
    const { id } = (await call('POST', '/users', { username: 'doc@acme.test', password })).body;
    await call('GET', '/users');
    await call('GET', `/users/${String(id)}`);
    await call('PATCH', `/users/${String(id)}`, { roles: ['reader'] });
    await call('PUT', `/users/${String(id)}/password`, { password });
    await call('POST', `/users/${String(id)}/password-reset`);
    await call('DELETE', `/users/${String(id)}`);
    await call('POST', '/clients', { id: 'doc', confidential: true, grants: ['client_credentials'] });
    await call('GET', '/clients');
    await call('GET', '/clients/doc');
    await call('PATCH', '/clients/doc', { name: 'Document' });
    const secret = (await call('POST', '/clients/doc/secrets', {})).body['id'];
    await call('DELETE', `/clients/doc/secrets/${String(secret)}`);
    await call('DELETE', '/clients/doc');
    const { session } = await admin.login();
    const user = (await admin.issuer.admin.findUser(USER.username))?.id ?? '';
    await call('GET', `/sessions?user=${user}`);
    await call('GET', `/sessions/${session}`);
    await call('DELETE', `/sessions/${session}`);
    await call('DELETE', `/sessions?user=${user}`);
    await call('GET', '/revocations');
    await call('POST', '/revocations', { kind: 'subject', id: user });
    await call('GET', '/audit');
    await call('POST', '/audit/verify', {});
    await call('GET', '/verifiers');
    await call('GET', '/keys');
    const keys = (await call('POST', '/keys/rotate', { algorithm: 'ES256' })).body['items'] as { kid: string }[];
    await call('GET', `/keys/${keys[1]?.kid}`);
    await call('POST', `/keys/${keys[1]?.kid}/compromise`);

    const { paths } = describeAdminApi('') as unknown as AdminDocument;
    const described = Object.values(paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    expect([...admin.succeeded].toSorted()).toEqual(described.toSorted());
  });
});
