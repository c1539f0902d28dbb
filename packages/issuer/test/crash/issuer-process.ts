/** An issuer in a process of its own, to be killed: `node -C source issuer-process.ts FOLDER URL DATABASE`. */
import { flushCompileCache } from 'node:module';
import { createLogger, createMetrics, parseConfig } from '@sealgate/service';
import { createIssuer, issuerConfigSchema } from '../../src/index.ts';

const [, , folder = '', url = '', database = ''] = process.argv;
const config = parseConfig(
  {
    url,
    database,
    accessToken: { audience: 'https://api.acme.test' },
    keys: { masterKey: 'file:master.key' },
    passwords: { memoryKib: 8192, iterations: 1 },
    // Everybody is one user here, and a login that was killed counts as an attempt.
    loginLimits: { account: { attempts: 100_000 }, address: { attempts: 100_000 } },
  },
  issuerConfigSchema,
  { folder },
);
const issuer = await createIssuer({ config, logger: createLogger({ level: 'silent' }), metrics: createMetrics() });
if ((await issuer.admin.findUser('demo@example.com')) === undefined) {
  await issuer.admin.createUser({ username: 'demo@example.com', password: 'correct horse battery staple' });
  await issuer.admin.createClient({ id: 'orders-web', grants: ['login', 'refresh_token'], scopes: ['orders:read'] });
  const secret = 'orders-worker-secret-for-the-demo-only';
  await issuer.admin.createClient({ id: 'orders-worker', secret, grants: ['client_credentials'], introspection: true });
}
await issuer.listen();
// At the end of a process it would be kept by itself; this one is killed.
flushCompileCache();
process.stdout.write('ready\n');
