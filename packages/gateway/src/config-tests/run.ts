/**
 * Runs the tests of a configuration against a real gateway in this process: the same code, the same routes and policies. Issuers and
 * upstreams are stood in for, and limits and
 * address lists are left out, so that a test depends neither on another nor on where it runs.
 */
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayConfig } from '../config/schema.ts';
import { standIn } from '../config/stand-in.ts';
import { GatewayError } from '../errors.ts';
import { createGateway } from '../gateway.ts';
import type { ConfigTest } from './schema.ts';
import { readTestCertificate, type TestCertificate } from './test-certificate.ts';
import type { TestProver } from './test-proof.ts';
import { createTestTrust } from './test-trust.ts';

export interface ConfigTestResult {
  readonly test: ConfigTest;
  readonly passed: boolean;
  /** What was otherwise, one sentence each. */
  readonly differences: readonly string[];
}

export async function runConfigTests(config: GatewayConfig, tests: readonly ConfigTest[]): Promise<ConfigTestResult[]> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const origin = await startOrigin();
  const issuers = await createTestTrust(config, nowSeconds);
  const { trust } = issuers;
  /** Of the test that runs: they run one after the other, each on connections of its own. */
  let shown: TestCertificate | undefined;
  const gateway = await createGateway({
    config: standIn(config, origin.url),
    trust,
    now: () => nowSeconds,
    certificateOf: () => shown?.certificate,
  });
  try {
    const { url } = await gateway.listen();
    const results: ConfigTestResult[] = [];
    for (const test of tests) {
      try {
        shown = test.certificate === undefined ? undefined : readTestCertificate(test.certificate);
        const outcome = await sendProven(new URL(url), test, issuers.tokenFor(test, shown), issuers.prover);
        const differences = differencesFrom(test, outcome);
        results.push({ test, passed: differences.length === 0, differences });
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        results.push({ test, passed: false, differences: [error.message] });
      }
    }
    return results;
  } finally {
    await gateway.close();
    await trust.close();
    origin.server.closeAllConnections();
    origin.server.close();
  }
}

/** Answers every request with the headers it came with. */
async function startOrigin(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ seen: req.headers }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}` };
}

interface Outcome {
  readonly status: number;
  readonly code: string | undefined;
  /** That it asks for in a proof. */
  readonly nonce: string | undefined;
  readonly seen: IncomingHttpHeaders | undefined;
}

/** With its token and, where the test says so, a proof; once more when the gateway asks for a nonce in it (RFC 9449 section 9). */
async function sendProven(url: URL, test: ConfigTest, token: string | undefined, prover: TestProver): Promise<Outcome> {
  if (token === undefined) return send(url, test, {});
  if (!test.dpop) return send(url, test, { authorization: `Bearer ${token}` });
  const [method = 'GET', target = '/'] = test.request.split(' ');
  const proven = { method, url: `http://${test.host}${target.split('?')[0]}`, token };
  const attempt = (nonce: string | undefined): Promise<Outcome> =>
    send(url, test, { authorization: `DPoP ${token}`, dpop: prover.prove({ ...proven, nonce }) });
  const first = await attempt(undefined);
  return first.nonce === undefined ? first : attempt(first.nonce);
}

function send(url: URL, test: ConfigTest, credentials: Readonly<Record<string, string>>): Promise<Outcome> {
  const [method = 'GET', path = '/'] = test.request.split(' ');
  return new Promise((resolve, reject) => {
    const headers = { ...test.headers, host: test.host, ...credentials };
    const req = request({ host: url.hostname, port: url.port, method, path, headers, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        text += chunk;
      });
      const nonce = res.statusCode === 401 ? res.headers['dpop-nonce'] : undefined;
      res.on('end', () => resolve({ status: res.statusCode ?? 0, nonce: nonce?.toString(), ...read(text) }));
    });
    req.on('error', reject);
    req.end();
  });
}

function read(text: string): Pick<Outcome, 'code' | 'seen'> {
  const body: { code?: string; seen?: IncomingHttpHeaders } = text === '' ? {} : JSON.parse(text);
  return { code: body.code, seen: body.seen };
}

function differencesFrom({ expect }: ConfigTest, outcome: Outcome): string[] {
  const { status, code, headers = {} } = typeof expect === 'number' ? { status: expect } : expect;
  const differences: string[] = [];
  if (outcome.status !== status) {
    const why = outcome.code === undefined ? '' : ` (${outcome.code})`;
    differences.push(`expected status ${status}, got ${outcome.status}${why}`);
  }
  if (code !== undefined && outcome.code !== code)
    differences.push(`expected code ${code}, got ${outcome.code ?? 'none'}`);
  for (const [name, value] of Object.entries(headers)) {
    const seen = outcome.seen?.[name];
    const actual = Array.isArray(seen) ? seen.join(', ') : (seen ?? null);
    if (actual !== value)
      differences.push(`expected the upstream to see ${name}: ${value ?? '(none)'}, it saw ${actual ?? '(none)'}`);
  }
  return differences;
}
