/** The gateway of a configuration file, alone in a process: what `sealgate serve gateway` runs. */
import { createGateway, gatewayConfigSchema } from '@sealgate/gateway';
import { loadConfigFile } from '@sealgate/service';
import * as z from 'zod';

const schema = z.strictObject({ version: z.literal(1), gateway: gatewayConfigSchema });
const { gateway: config } = loadConfigFile(process.argv[2] ?? '', schema);
const gateway = await createGateway({ config });
await gateway.listen();
process.once('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
