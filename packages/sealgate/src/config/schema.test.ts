import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, parseConfigText } from '@sealgate/service';
import { describe, expect, it } from 'vitest';
import { configSchema } from './schema.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const DEMO = readFileSync(path.join(ROOT, 'sealgate.demo.yaml'), 'utf8');

/** Every fault of the demonstration's file after an edit. */
function faults(edit: (yaml: string) => string): readonly string[] {
  try {
    parseConfigText(edit(DEMO), configSchema, { file: 'x.yaml', folder: ROOT });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

describe('sealgate.demo.yaml', () => {
  it('is right', () => {
    expect(faults((yaml) => yaml)).toEqual([]);
  });

  it('explains every line', () => {
    const bare = DEMO.split('\n').filter((line) => line.trim() !== '' && !line.includes('# '));
    expect(bare).toEqual([]);
  });

  it('is right without its demonstration', () => {
    expect(faults((yaml) => yaml.slice(0, yaml.indexOf('\ndemo:')))).toEqual([]);
  });
});

describe('what holds between the sections', () => {
  it.each<[string, (yaml: string) => string, string]>([
    ['no server', () => 'version: 1\n', 'the file describes no server; add the section "issuer" or "gateway"'],
    [
      'a port twice',
      (yaml) => yaml.replace('listen: http://127.0.0.1:8080', 'listen: http://127.0.0.1:4000'),
      '/gateway/listen: port 4000 is taken by issuer.url',
    ],
    [
      'a public demonstration',
      (yaml) => yaml.replace('listen: http://127.0.0.1', 'listen: http://0.0.0.0'),
      '/gateway/listen: a file with a "demo" section has published passwords',
    ],
    [
      'a public issuer in a demonstration',
      (yaml) => yaml.replaceAll('http://127.0.0.1:4000', 'http://id.acme.test:4000'),
      '/issuer/url: a file with a "demo" section',
    ],
    [
      'a feed of another issuer without credentials',
      (yaml) => yaml.replace('url: http://127.0.0.1:4000 # must', 'url: https://id.acme.test # must'),
      '/gateway/issuers/main: following an issuer that this file does not describe needs "client"',
    ],
    [
      'a test with a token of nobody',
      (yaml) => yaml.replace('token: { scope: orders:read }, expect', 'issuer: partner, token: {}, expect'),
      '/tests/1/issuer: no issuer is named "partner"; the issuers are main',
    ],
    [
      'a test with a certificate that nobody asks for',
      (yaml) => yaml.replace('token: { scope: orders:read }, expect', 'certificate: worker.pem, expect'),
      '/tests/1/certificate: the gateway asks no client for a certificate; add "tls.clients"',
    ],
    ['a version to come', (yaml) => yaml.replace('version: 1', 'version: 2'), '/version: expected 1'],
  ])('refuses %s', (_name, edit, message) => {
    expect(faults(edit).join('\n')).toContain(message);
  });
});
