/**
 * What a token costs its issuer: CPU per client-credentials answer with a JWT access token signed with ES256, one process on one core.
 */
import { createPublicKey, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { request } from 'undici';
import { REQUIREMENTS } from '../../scripts/provision.ts';
import { compareUnderLoad } from '../load/compare.ts';
import { MEASURED_CORE, type Running, freePort, start } from '../load/process.ts';
import { serveSealgate } from '../load/sealgate-command.ts';
import { writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison, Section } from '../section.ts';
import { AUDIENCE, CLIENT, TTL_SECONDS, tokenRequest } from './client.ts';

const OURS = 'Sealgate, SQLite, every token recorded';
const PEER = 'oidc-provider, in memory';

export const issuer: Section = {
  name: 'issuer',
  title: 'Issuer: what a token costs',
  needs: REQUIREMENTS.bench,
  async run(context) {
    return [await clientCredentials(context)];
  },
};

async function clientCredentials(context: BenchContext): Promise<Comparison> {
  const { scratch } = context;
  const running: Running[] = [];
  try {
    const ours = await startSealgate(scratch);
    running.push(ours);
    const peer = await startPeer();
    running.push(peer);
    await assertIssues(ours, '/oauth/token', '/.well-known/jwks.json');
    await assertIssues(peer, '/token', '/jwks');
    const contenders = await compareUnderLoad(
      [
        { server: ours, requests: writeRequests(path.join(scratch, 'ours.requests'), [tokenRequest('/oauth/token')]) },
        { server: peer, requests: writeRequests(path.join(scratch, 'peer.requests'), [tokenRequest('/token')]) },
      ],
      context,
    );
    return {
      title: 'Client credentials, JWT access token, ES256',
      unit: 'µs CPU per token',
      contenders,
      peer: PEER,
      targets: [{ contender: OURS, bound: 'at most', limit: 0.45, times: PEER }],
      notes: [
        'Sealgate writes each token down before it answers (SQLite, WAL, synchronous=FULL), so that it can be revoked, and logs it. oidc-provider keeps nothing of a JWT access token.',
      ],
    };
  } finally {
    for (const server of running) await server.stop();
  }
}

async function startSealgate(folder: string): Promise<Running> {
  const port = await freePort();
  const file = path.join(folder, 'issuer.yaml');
  writeFileSync(
    file,
    `version: 1
issuer:
  url: http://127.0.0.1:${port}
  database: sqlite:issuer.db
  accessToken: { ttl: ${TTL_SECONDS}s, algorithm: ES256, audience: ${AUDIENCE} }
  keys: { masterKey: file:master.key }
demo:
  clients:
    - id: ${CLIENT.id}
      secret: ${CLIENT.secret}
      grants: [client_credentials]
      scopes: [${CLIENT.scopes.join(', ')}]
`,
  );
  return serveSealgate({ name: OURS, role: 'issuer', file, port });
}

async function startPeer(): Promise<Running> {
  const port = await freePort();
  const file = path.join(import.meta.dirname, 'peers', 'oidc-provider.ts');
  return start({ name: PEER, command: 'node', args: [file, String(port)], port, core: MEASURED_CORE });
}

/** @throws {Error} unless the server answers with an ES256 token of its own key, for the audience and life that all have. */
async function assertIssues({ name, port }: Running, tokenPath: string, keysPath: string): Promise<void> {
  const base = `http://127.0.0.1:${port}`;
  const [head = '', body = ''] = tokenRequest(tokenPath).split('\r\n\r\n');
  const fields = head
    .split('\r\n')
    .slice(2)
    .filter((line) => !line.startsWith('Content-Length'));
  const headers = fields.flatMap((line) => line.split(': '));
  const answer = await request(`${base}${tokenPath}`, { method: 'POST', headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${name} answered ${answer.statusCode} to a token request: ${text}`);
  const { access_token: token }: { access_token: string } = JSON.parse(text);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const { keys }: { keys: Record<string, string>[] } = JSON.parse(
    await (await request(`${base}${keysPath}`)).body.text(),
  );
  const signed = keys.some((jwk) =>
    verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  );
  if (!signed) throw new Error(`${name} gave a token that none of its keys signed`);
  if ([claims['aud']].flat()[0] !== AUDIENCE || Number(claims['exp']) - Number(claims['iat']) !== TTL_SECONDS) {
    throw new Error(`${name} gave a token with other claims than asked for: ${JSON.stringify(claims)}`);
  }
}
