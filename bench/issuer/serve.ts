/** The issuer of a configuration file, alone in a process, with the client of the benchmark: what `sealgate serve issuer` runs. */
import { createIssuer, issuerConfigSchema } from '@sealgate/issuer';
import { createLogger, createMetrics, loadConfigFile } from '@sealgate/service';
import * as z from 'zod';
import { CLIENT } from './client.ts';

const schema = z.strictObject({ version: z.literal(1), issuer: issuerConfigSchema });
const { issuer: config } = loadConfigFile(process.argv[2] ?? '', schema);
const logger = createLogger({ level: 'info', to: 'stderr' });
const issuer = await createIssuer({ config, logger, metrics: createMetrics() });
await issuer.admin.createClient({
  id: CLIENT.id,
  secret: CLIENT.secret,
  grants: ['client_credentials'],
  scopes: [...CLIENT.scopes],
});
await issuer.listen();
process.once('SIGTERM', () => void issuer.close().then(() => process.exit(0)));
