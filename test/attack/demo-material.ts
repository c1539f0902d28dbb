/**
 * What the owner of the demonstration can give to who attacks it: tokens of every kind, and the signing key, opened with the master key in the
 * way the issuer opens it. As files, by their options.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeUnverified, exportPrivatePem, isKey, signJwt } from '@sealgate/jwt';
import type { Key } from '@sealgate/jwt';
import { parseConfig, secret } from '@sealgate/service';
import { systemRuntime } from '@sealgate/issuer';
import { ExternalKeys } from '../../packages/issuer/src/keys/external-keys.ts';
import { SigningKeys } from '../../packages/issuer/src/keys/signing-keys.ts';
import { openMasterKey } from '../../packages/issuer/src/secrets/master-key.ts';
import { openSqlite } from '../../packages/issuer/src/store/sqlite.ts';
import { logIn, request, bearer } from '../harness/client.ts';
import type { Demo } from '../harness/demo.ts';

/** Every option that makes an attack possible. */
export async function demoMaterial(demo: Demo): Promise<readonly string[]> {
  const key = await openSigningKey(demo);
  const { access, refresh } = await logIn(demo.issuer);
  const revoked = (await logIn(demo.issuer)).access;
  await request(`${demo.issuer}/v1/logout`, { method: 'POST', headers: bearer(revoked) });
  const second = (await logIn(demo.issuer)).access;
  const { claims } = decodeUnverified(access);
  const variant = (changes: Record<string, string | number>, typ = 'at+jwt') =>
    signJwt({ ...claims, ...changes }, { key, typ });
  const now = Math.floor(Date.now() / 1000);
  const files: Readonly<Record<string, string>> = {
    token: access,
    'refresh-token': refresh,
    'revoked-token': revoked,
    'second-token': second,
    'expired-token': variant({ iat: now - 8000, exp: now - 7200 }),
    'id-token': variant({ aud: 'orders-web' }, 'JWT'),
    'other-audience-token': variant({ aud: 'https://other.acme.test' }),
    'other-issuer-token': variant({ iss: 'https://other-issuer.test' }),
    'signing-key': exportPrivatePem(key),
  };
  const options = Object.entries(files).map(([name, text]) => {
    const file = path.join(demo.folder, name);
    writeFileSync(file, text);
    return `--${name}=${file}`;
  });
  return [
    ...options,
    `--public-key=${demo.issuer}/.well-known/jwks.json`,
    `--logout=${demo.issuer}/v1/logout`,
    '--open=/healthz',
    '--rate=1000',
  ];
}

async function openSigningKey({ folder }: Demo): Promise<Key> {
  const data = path.join(folder, 'data');
  const masterKey = openMasterKey(parseConfig(`file:${data}/master.key`, secret()), systemRuntime);
  const store = openSqlite(path.join(data, 'sealgate.db'));
  try {
    const keys = await new SigningKeys(store, masterKey, systemRuntime, new ExternalKeys([])).read();
    const active = keys.find(({ state }) => state === 'active')?.signer;
    if (!isKey(active)) throw new Error('the demonstration has no active signing key');
    return active;
  } finally {
    await store.close();
  }
}
