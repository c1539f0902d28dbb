import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { httpUrl, isLoopbackHost, listenUrl, parseListenUrl } from './urls.ts';

describe('listen addresses', () => {
  it.each([
    ['http://127.0.0.1:8080', '127.0.0.1', 8080],
    ['http://0.0.0.0:0', '0.0.0.0', 0],
    ['http://[::1]:8081', '::1', 8081],
    ['http://gate.internal:80', 'gate.internal', 80],
  ])('%s', (url, host, port) => {
    expect(listenUrl().parse(url)).toEqual({ url, host, port });
  });

  it.each([
    '127.0.0.1:8080',
    'http://127.0.0.1',
    'http://127.0.0.1:8080/',
    'http://127.0.0.1:8080/admin',
    'http://127.0.0.1:65536',
    'http://127.0.0.1:080',
    'http://127.1:8080',
    'http://user@127.0.0.1:8080',
    'http://127.0.0.1:8080?x',
    'https://127.0.0.1:8443',
    'HTTP://127.0.0.1:8080',
    'http://0x7f.1:80',
    'http://[::00001]:80',
    ' http://127.0.0.1:8080',
  ])('refuses %s', (url) => {
    expect(parseListenUrl(url)).toBeUndefined();
  });

  it('never throws, and what it takes has a port in range', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.string().map((rest) => `http://${rest}`),
        ),
        (text) => {
          const address = parseListenUrl(text);
          expect(address === undefined || (address.port >= 0 && address.port <= 65_535)).toBe(true);
        },
      ),
    );
  });
});

describe('URLs to call', () => {
  it.each(['http://127.0.0.1:4000', 'https://issuer.test/', 'https://issuer.test/tenant/a', 'http://[::1]:9000'])(
    'keeps %s as written',
    (url) => {
      expect(httpUrl().parse(url)).toBe(url);
    },
  );

  it.each([
    'ftp://issuer.test',
    'issuer.test',
    '//issuer.test',
    'https://user:secret@issuer.test',
    'https://issuer.test?x=1',
    'https://issuer.test/#a',
    'https://issuer.test\\@evil.test',
    'https://issuer.test/ a',
    'HTTPS://issuer.test',
    'https://ISSUER.test',
    'https://issuer.test:443',
    'https://issuer.test/a/../b',
    'javascript:alert(1)',
    '',
  ])('refuses %s', (url) => {
    expect(httpUrl().safeParse(url).success).toBe(false);
  });

  it('refuses a path where only an origin makes sense', () => {
    expect(httpUrl({ originOnly: true }).safeParse('http://127.0.0.1:9000/api').success).toBe(false);
    expect(httpUrl({ originOnly: true }).parse('http://127.0.0.1:9000')).toBe('http://127.0.0.1:9000');
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost', 'LOCALHOST'])('%s is this machine', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.test', 'localhost.evil.test', '128.0.0.1', ''])(
    '%s is not',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});
