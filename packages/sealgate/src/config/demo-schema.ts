/**
 * The `demo:` section: users, clients and an example program for a file that shows Sealgate on one machine. Its passwords are published, which is
 * why a file that has it may listen on loopback addresses only (`schema.ts`), and a file without it seeds nobody.
 */
import { filePath, httpUrl } from '@sealgate/service';
import * as z from 'zod';

const demoUserSchema = z.strictObject({
  username: z.string().min(1).max(256).describe('What to log in with.'),
  password: z.string().min(8).max(1024).describe('Its password; published, so never used elsewhere.'),
  roles: z.array(z.string().min(1).max(64)).max(32).default([]).describe('What the user is.'),
});

const demoClientSchema = z.strictObject({
  id: z.string().min(1).max(128).describe('The client id.'),
  secret: z
    .string()
    .min(32)
    .max(256)
    .optional()
    .describe('Makes it a confidential client; published, so never used elsewhere.'),
  grants: z
    .array(z.enum(['login', 'client_credentials', 'refresh_token']))
    .min(1)
    .default(['login', 'refresh_token'])
    .describe('How it gets tokens: a user logs in, in its own name, by refreshing.'),
  scopes: z.array(z.string().min(1).max(128)).min(1).describe('What its tokens may say.'),
  introspection: z.boolean().default(false).describe('Whether it may ask about tokens, and follow the revocations.'),
});

const demoUpstreamSchema = z.strictObject({
  run: filePath().describe('The program: a JavaScript or TypeScript file for Node.js.'),
  ready: httpUrl().describe('Answers 200 when the program is up.'),
  environment: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/u), z.string())
    .default({})
    .describe('Its settings, as environment variables.'),
});

export const demoSchema = z.strictObject({
  users: z.array(demoUserSchema).max(100).default([]).describe('Created when they are not there.'),
  clients: z.array(demoClientSchema).max(100).default([]).describe('Created when they are not there.'),
  upstream: demoUpstreamSchema.optional().describe('An example program, started and stopped with the servers.'),
});

export type DemoConfig = z.output<typeof demoSchema>;
