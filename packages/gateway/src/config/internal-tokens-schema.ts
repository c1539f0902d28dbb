/** Configuration of the tokens that the gateway itself signs for upstreams: `gateway.internalTokens`. */
import { duration, httpUrl, isLoopbackHost, listenUrl, secret } from '@sealgate/service';
import * as z from 'zod';

const SHORTEST_SECRET = 32;

export const internalTokensSchema = z
  .strictObject({
    listen: listenUrl({ tls: true }).describe(
      'A port for upstreams: their keys and metadata, nothing else. With `https://` it has the certificates of `tls`, chosen by name as there.',
    ),
    url: httpUrl({ originOnly: true })
      .optional()
      .describe(
        'The address of that port as upstreams call it, and `iss` of the tokens. https unless on loopback. Default: `listen`.',
      ),
    secret: secret().describe(
      'What the keys are derived from, at least 32 characters; the same for every process and every gateway that upstreams know by this address.',
    ),
    ttl: duration({ min: '1s', max: '5m' }).prefault('30s').describe('How long a token is good for.'),
    rotateEvery: duration({ min: '10m', max: '90d' })
      .prefault('24h')
      .describe('How long a key signs. It is published as long before, and after.'),
  })
  .superRefine(({ listen, url, secret: key, ttl, rotateEvery }, context) => {
    const at = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (key.present && key.reveal().length < SHORTEST_SECRET)
      at('secret', `needs at least ${SHORTEST_SECRET} characters, such as those of \`openssl rand -base64 32\``);
    const { protocol, hostname } = new URL(url ?? listen.url);
    if (protocol !== 'https:' && !isLoopbackHost(hostname))
      at('url', 'needs https beyond loopback: whoever changes keys on the way can be anybody');
    if (listen.port === 0 && url === undefined) at('url', 'is needed where the system chooses the port');
    if (ttl >= rotateEvery) at('ttl', 'must be shorter than `rotateEvery`');
  })
  .transform((config) => ({ ...config, url: config.url ?? config.listen.url }));

export type InternalTokensConfig = z.output<typeof internalTokensSchema>;
