/** What `sealgate attack` writes: a table for people, JSON, JUnit XML, SARIF 2.1.0; in none of them a token or a key. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLeakyApi } from './leaky-api.ts';
import type { RunningLeakyApi } from './leaky-api.ts';
import { reportOf, runAttack } from './run-attack.ts';

interface SarifLog {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly kind: string;
        readonly level: string;
      }[];
    },
  ];
}

let api: RunningLeakyApi;
let text = '';
let junit = '';
let sarif = '';
let json = '';
beforeAll(async () => {
  api = await startLeakyApi(['alg-none', 'token-in-query', 'revocation-forgotten']);
  const files = [`--junit=${api.file('report.xml')}`, `--sarif=${api.file('report.sarif')}`];
  const ids = '--only=T1,T3,T4,G7,T21,T20';
  ({ stdout: text } = await runAttack([...api.arguments, ...files, ids]));
  ({ stdout: json } = await runAttack([...api.arguments, ids, '--json']));
  junit = readFileSync(api.file('report.xml'), 'utf8');
  sarif = readFileSync(api.file('report.sarif'), 'utf8');
});
afterAll(() => api.close());

describe('the table', () => {
  it('has a row for each attack, then what was found, why it matters and how to mend it', () => {
    expect(text).toMatch(/^T1 {3}unsigned token +FOUND: 2 of 13 got through$/mu);
    expect(text).toMatch(/^T3 {3}public key as HMAC secret +withstood \(12 tried\)$/mu);
    expect(text).toMatch(/^T4 .* not tried: needs an RSA or HMAC key to sign with: --signing-key FILE$/mu);
    expect(text).toMatch(/^T20 .* unclear: see below$/mu);
    expect(text).toMatch(/^T1 {2}unsigned token \(critical\)\n {4}why it matters .*\n {4}how to mend it /mu);
    expect(text).toMatch(/^ {4}got through +token in the query: access_token$/mu);
    expect(text).toMatch(/^Found 3: 1 withstood, 1 unclear, 1 not tried; \d+ requests in \d+\.\d s\.$/mu);
  });
});

describe('the JSON', () => {
  it('says the same', () => {
    const report = reportOf({ exit: 1, stdout: json, stderr: '' });
    expect(report.found).toEqual(['T1', 'G7', 'T21']);
    expect(report.target).toBe(`${api.address}/orders`);
    expect(report.token).toMatch(/^sha256:[0-9a-f]{16}$/u);
    expect(report.attacks.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['T1', 'found'],
      ['T3', 'withstood'],
      ['T4', 'not tried'],
      ['G7', 'found'],
      ['T21', 'found'],
      ['T20', 'unclear'],
    ]);
  });
});

describe('the JUnit XML', () => {
  it('has a failure for each attack that was found, and skips what was not judged', () => {
    expect(junit).toMatch(
      /<testsuite name="[^"]+\/orders" tests="6" failures="3" errors="0" skipped="2" time="[\d.]+">/u,
    );
    expect(junit.match(/<testcase /gu)).toHaveLength(6);
    expect(junit.match(/<failure type="critical" message="unsigned token">/gu)).toHaveLength(1);
    expect(junit.match(/<skipped /gu)).toHaveLength(2);
    // Names of probes hold quotes.
    expect(junit).toContain('alg &quot;none&quot;, empty signature');
  });
});

describe('the SARIF', () => {
  it('is valid by the schema of the standard', () => {
    const file = path.resolve(import.meta.dirname, '../../conformance/vectors/sarif/sarif-2.1.0-rtm.5.json');
    // Draft 4 names itself by "id"; nothing else in it differs from what the validator reads.
    const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });
    const validate = ajv.compile(schema);
    validate(JSON.parse(sarif));
    expect(validate.errors).toBeNull();
    // It can fail.
    expect(validate({ version: '2.1.0', runs: [{}] })).toBe(false);
  });

  it('has a rule for each attack that was tried, and a result for each that was found or unclear', () => {
    const [{ tool, results }] = (JSON.parse(sarif) as SarifLog).runs;
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['T1', 'T3', 'G7', 'T21', 'T20']);
    expect(results.map(({ ruleId, kind, level }) => [ruleId, kind, level])).toEqual([
      ['T1', 'fail', 'error'],
      ['G7', 'fail', 'warning'],
      ['T21', 'fail', 'error'],
      ['T20', 'review', 'none'],
    ]);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });
});

describe('every report', () => {
  it('holds no part of a token and no key', () => {
    const secrets = [
      ...api.token.split('.'),
      ...readFileSync(api.file('signing-key'), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('-')),
      ...['expired', 'id', 'refresh'].map((name) => readFileSync(api.file(name), 'utf8').split('.')[2] ?? ''),
    ];
    for (const report of [text, json, junit, sarif]) {
      for (const secret of secrets) expect(report.includes(secret)).toBe(false);
    }
  });
});
