/** Signs a share of the tokens: a process of its own, so that every core can have one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SignJWT, importPKCS8 } from 'jose';
import { AUDIENCE, KEY_ID, type SigningJob } from './tokens.ts';

const { algorithm, issuer, privateKeyFile, tokens, first, last }: SigningJob = JSON.parse(process.argv[2] ?? '');
const key = await importPKCS8(readFileSync(privateKeyFile, 'utf8'), algorithm);
const now = Math.floor(Date.now() / 1000);
const signed: string[] = [];
for (let index = first; index < last; index++) {
  const token = new SignJWT({
    iss: issuer,
    sub: `user-${index}`,
    aud: AUDIENCE,
    iat: now,
    exp: now + 7200,
    jti: `token-${index}-${algorithm}`,
    client_id: 'bench-client',
    scope: 'orders:read orders:write',
    sid: `session-${index}`,
    roles: ['editor'],
    status: { status_list: { idx: index, uri: `${issuer}/v1/status-lists/1` } },
  });
  signed.push(await token.setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: KEY_ID }).sign(key));
}
writeFileSync(tokens, `${signed.join('\n')}\n`);
