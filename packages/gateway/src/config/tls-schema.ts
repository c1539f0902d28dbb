/** Configuration of TLS: `gateway.tls` towards clients, `gateway.upstreams.NAME.tls` towards instances. There is no key that turns verification off. */
import { filePath } from '@sealgate/service';
import * as z from 'zod';

const certificateSchema = z.strictObject({
  certificate: filePath().describe('PEM file: the certificate, then those between it and its root.'),
  key: filePath().describe('PEM file: its private key, without a passphrase. Warned about when everybody may read it.'),
});

const clientsSchema = z.strictObject({
  ca: filePath().describe('PEM file: the certificate authorities that client certificates must come from.'),
  mode: z
    .enum(['require', 'optional'])
    .default('require')
    .describe('`optional` admits clients without a certificate; one that is presented must be good either way.'),
  forward: z
    .boolean()
    .default(false)
    .describe('Tells upstreams the certificate in `Client-Cert` (RFC 9440). No client can set that header.'),
});

/** What the public port speaks. Certificate files are read again when they change. */
export const serverTlsSchema = z.strictObject({
  certificates: z
    .array(certificateSchema)
    .min(1)
    .max(1000)
    .describe(
      'Chosen by the name that the client asks for (SNI) among the names in each; the first for any other. Read again when the ' +
        'files change; while what they hold is unusable, the old ones stay.',
    ),
  minVersion: z.enum(['1.2', '1.3']).default('1.2').describe('The oldest version of TLS that is spoken.'),
  clients: clientsSchema.optional().describe('Mutual TLS: asks clients for certificates.'),
});

export type ServerTlsConfig = z.output<typeof serverTlsSchema>;

/** What is spoken to instances with `https:` URLs. */
export const upstreamTlsSchema = z
  .strictObject({
    ca: filePath()
      .optional()
      .describe('PEM file: the only authorities that instances are believed from. Absent: those Node.js knows.'),
    servername: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}$/u, 'expected a host name in lower case')
      .optional()
      .describe('The name that certificates must be for. Default: the host in the URL.'),
    certificate: filePath().optional().describe('PEM file: the client certificate to present (mutual TLS).'),
    key: filePath().optional().describe('PEM file: its private key.'),
  })
  .superRefine((tls, context) => {
    if ((tls.certificate === undefined) === (tls.key === undefined)) return;
    const path = [tls.certificate === undefined ? 'certificate' : 'key'];
    context.addIssue({ code: 'custom', path, message: '`certificate` and `key` go together' });
  });

export type UpstreamTlsConfig = z.output<typeof upstreamTlsSchema>;
