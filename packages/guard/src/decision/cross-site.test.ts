import { describe, expect, it } from 'vitest';
import { findCrossSiteFault } from './cross-site.ts';

const fault = (method: string, headers: Readonly<Record<string, string>>, host = 'api.test', origins: string[] = []) =>
  findCrossSiteFault(
    { method, path: '/', authorization: [], nowSeconds: 0, host, rawHeaders: Object.entries(headers).flat() },
    origins,
  );

describe('a token in a cookie', () => {
  it.each(['GET', 'HEAD', 'OPTIONS'])('counts with %s from anywhere: it changes nothing', (method) => {
    expect(fault(method, { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.test' })).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['a page of the same origin', { 'Sec-Fetch-Site': 'same-origin' }],
    ['the user themselves', { 'Sec-Fetch-Site': 'none' }],
    ['an older browser, by Origin', { Origin: 'https://api.test' }],
    ['the same behind a proxy that ends TLS', { ORIGIN: 'http://api.test:80' }],
    ['an origin that the policy names', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://app.test' }],
  ])('counts with POST from %s', (_name, headers) => {
    expect(fault('POST', headers, 'api.test', ['https://app.test'])).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another origin of the site', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://other.api.test' }],
    ['another site that says it is ours', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://api.test' }],
    ['another port, by Origin', { Origin: 'https://api.test:8443' }],
    ['a sandboxed page', { Origin: 'null' }],
    ['a longer name', { Origin: 'https://api.test.evil.test' }],
    ['nobody', {}],
    ['a word of no meaning', { 'Sec-Fetch-Site': 'SAME-ORIGIN' }],
  ])('does not count with POST from %s', (_name, headers) => {
    expect(fault('POST', headers)).toEqual(expect.any(String));
  });

  it('does not count where a field is there twice', () => {
    const rawHeaders = ['Sec-Fetch-Site', 'same-origin', 'sec-fetch-site', 'cross-site'];
    const facts = { method: 'POST', path: '/', authorization: [], nowSeconds: 0, rawHeaders };
    expect(findCrossSiteFault(facts, [])).toContain('twice');
  });

  it('does not open a WebSocket for another origin', () => {
    expect(fault('GET', { Upgrade: 'websocket', Origin: 'https://evil.test' })).toEqual(expect.any(String));
    expect(fault('GET', { Upgrade: 'websocket', Origin: 'https://api.test' })).toBeUndefined();
  });
});
