/**
 * The whole configuration file: one section for each server, and what holds between them. The sections themselves belong to their packages;
 * `docs/config.md` is generated from this.
 */
// Their configuration alone: a worker needs no issuer, and a command about users no gateway.
import { gatewayConfigSchema } from '@sealgate/gateway/config';
import { configTestsSchema } from '@sealgate/gateway/config-tests';
import { issuerConfigSchema } from '@sealgate/issuer/config';
import { isLoopbackHost, LOG_LEVELS } from '@sealgate/service';
import * as z from 'zod';
import { demoSchema } from './demo-schema.ts';
import { listenersOf } from './listeners.ts';
import type { ListeningConfig } from './listeners.ts';
import { testFaults } from './test-references.ts';

const logSchema = z.strictObject({
  level: z.enum(LOG_LEVELS).default('info').describe('The least serious line that is written, to standard error.'),
});

export const configSchema = z
  .strictObject({
    version: z.literal(1).describe('The format of this file.'),
    log: logSchema
      .prefault({})
      .describe('What the servers write about themselves. Never a token, a key or a password.'),
    issuer: issuerConfigSchema.optional().describe('The server that gives out tokens.'),
    gateway: gatewayConfigSchema.optional().describe('The server that checks them in front of your APIs.'),
    tests: configTestsSchema.optional(),
    demo: demoSchema.optional().describe('Makes the file a demonstration: for loopback addresses only.'),
  })
  .superRefine((config, context) => {
    const refuse = (path: readonly (string | number)[], message: string, suggestion?: string) =>
      context.addIssue({ code: 'custom', path: [...path], message, params: { suggestion } });
    if (config.issuer === undefined && config.gateway === undefined) {
      refuse([], 'the file describes no server', 'add the section "issuer" or "gateway"');
    }
    if (config.tests !== undefined && config.gateway === undefined) {
      refuse(['tests'], 'there is no gateway to test', 'add the section "gateway", or delete "tests"');
    }
    if (config.gateway !== undefined) {
      for (const fault of testFaults(config.gateway, config.tests ?? [])) {
        refuse(fault.path, fault.message, fault.suggestion);
      }
    }
    for (const fault of portFaults(config)) refuse(fault.path, fault.message);
    for (const path of feedsWithoutCredentials(config)) {
      refuse(
        path,
        'following an issuer that this file does not describe needs "client"',
        'add its id and secret, or use feed: none',
      );
    }
    if (config.demo === undefined) return;
    for (const { path, host } of listenersOf(config)) {
      if (isLoopbackHost(host)) continue;
      const message = 'a file with a "demo" section has published passwords and may listen on this machine only';
      refuse(path, message, 'use 127.0.0.1, or delete "demo"');
    }
  });

export type SealgateConfig = z.output<typeof configSchema>;

function portFaults(config: ListeningConfig): { path: readonly string[]; message: string }[] {
  const seen = new Map<number, string>();
  const faults: { path: readonly string[]; message: string }[] = [];
  for (const { path, port } of listenersOf(config)) {
    const other = seen.get(port);
    if (other !== undefined && port !== 0) faults.push({ path, message: `port ${port} is taken by ${other}` });
    seen.set(port, path.join('.'));
  }
  return faults;
}

/** An issuer of the same file needs none: the gateway derives its credential from the master key. */
function feedsWithoutCredentials({ issuer, gateway }: ListeningConfig): string[][] {
  return Object.entries(gateway?.issuers ?? {})
    .filter(
      ([, { client, revocation, url }]) => client === undefined && revocation.feed === 'push' && url !== issuer?.url,
    )
    .map(([name]) => ['gateway', 'issuers', name]);
}
