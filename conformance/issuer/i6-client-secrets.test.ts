/** I6: secrets are nowhere in the database, neither in clear nor as a plain hash, and a wrong one is answered like an unknown client. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIssuer, issuerConfigSchema, type Issuer } from '@sealgate/issuer';
import { createMetrics, parseConfig, silentLogger } from '@sealgate/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SECRET = 'canary-of-a-client-secret-in-conformance';
const PASSWORD = 'canary of a password in conformance';

let folder: string;
let issuer: Issuer;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-secrets-'));
  const config = parseConfig(
    {
      url: 'http://127.0.0.1:0',
      database: 'sqlite:sealgate.db',
      accessToken: { audience: 'https://api.acme.test' },
      keys: { masterKey: 'file:key/master.key' },
      passwords: { memoryKib: 8192, iterations: 1 },
    },
    issuerConfigSchema,
    { folder },
  );
  issuer = await createIssuer({ config, logger: silentLogger(), metrics: createMetrics() });
  await issuer.admin.createUser({ username: 'demo@example.com', password: PASSWORD });
  await issuer.admin.createClient({ id: 'web', grants: ['login', 'refresh_token'] });
  await issuer.admin.createClient({ id: 'worker', secret: SECRET, grants: ['client_credentials'] });
  ({ url } = await issuer.listen());
});
afterAll(async () => {
  await issuer.close();
  rmSync(folder, { recursive: true });
});

const authenticate = async (id: string, secret: string) => {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
  const response = await fetch(`${url}/oauth/token`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
};

describe('client secrets', () => {
  it('are answered alike, wrong, unknown, cut short or of another client', async () => {
    expect((await authenticate('worker', SECRET)).status).toBe(200);
    const wrong = await authenticate('worker', `${SECRET}x`);
    expect(wrong.status).toBe(401);
    for (const [id, secret] of [
      ['worker', SECRET.slice(0, -1)],
      ['worker', SECRET.toUpperCase()],
      ['nobody', SECRET],
      ['web', SECRET],
    ] as const) {
      expect(await authenticate(id, secret)).toEqual(wrong);
    }
  });

  it('like passwords and refresh tokens, stand nowhere in the database, nor does a plain hash of them', async () => {
    const response = await fetch(`${url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'demo@example.com', password: PASSWORD, client_id: 'web' }),
    });
    const { refresh_token: refreshToken } = (await response.json()) as { refresh_token: string };
    const files = readdirSync(folder).filter((name) => name.startsWith('sealgate.db'));
    const content = Buffer.concat(files.map((name) => readFileSync(path.join(folder, name))));
    expect(content.indexOf('demo@example.com')).toBeGreaterThan(-1);
    const body = Buffer.from(refreshToken.slice(4, 47), 'base64url');
    for (const secret of [SECRET, PASSWORD, refreshToken, refreshToken.slice(4, 47), body]) {
      expect(content.indexOf(secret)).toBe(-1);
      for (const name of ['md5', 'sha1', 'sha256', 'sha512']) {
        const digest = createHash(name).update(secret).digest();
        for (const form of [digest, digest.toString('hex'), digest.toString('base64'), digest.toString('base64url')]) {
          expect(content.indexOf(form)).toBe(-1);
        }
      }
    }
  });
});
