/**
 * HAProxy as a gateway, one thread: without a check, and with the check that its `jwt_verify` allows: algorithm, issuer, audience,
 * expiry, signature, subject to a header. It has neither a key set, `typ`, scopes nor revocation.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { MEASURED_CORE, type Running, freePort, start } from '../load/process.ts';
import { AUDIENCE, type TokenSet } from './tokens.ts';

/** HAProxy that forwards everything, or with `tokens` only what carries one of that key. Its log is off. */
export async function startHaproxy(folder: string, originPort: number, tokens?: TokenSet): Promise<Running> {
  const port = await freePort();
  const file = path.join(folder, `haproxy-${port}.cfg`);
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend public
  bind 127.0.0.1:${port}
  http-request del-header x-user-id
${tokens === undefined ? '' : checks(tokens)}
  default_backend origin
backend origin
  server one 127.0.0.1:${originPort} pool-max-conn -1
`,
  );
  const name = tokens === undefined ? 'HAProxy, no check' : `HAProxy, ${tokens.algorithm}`;
  return start({ name, command: 'haproxy', args: ['-db', '-f', file], port, core: MEASURED_CORE });
}

function checks({ algorithm, issuer, publicKeyFile }: TokenSet): string {
  return `  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str ${algorithm} }
  http-request deny deny_status 401 unless { var(txn.token),jwt_payload_query('$.iss') -m str ${issuer} }
  http-request deny deny_status 401 unless { var(txn.token),jwt_payload_query('$.aud') -m str ${AUDIENCE} }
  http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }
  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(txn.alg,"${publicKeyFile}") -m int 1 }
  http-request set-header x-user-id %[var(txn.token),jwt_payload_query('$.sub')]
  http-request del-header authorization`;
}
