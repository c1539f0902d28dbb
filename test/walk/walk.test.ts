import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_ADDRESSES, renderWalkMarkdown, walkSteps } from '../../packages/sealgate/src/demo/walk.ts';
import { startDemo } from '../harness/demo.ts';
import type { Demo } from '../harness/demo.ts';
import { runWalk } from './shell-walk.ts';
import type { RanStep } from './shell-walk.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('the walk, run as it is printed', () => {
  let demo: Demo;
  let steps: readonly RanStep[] = [];
  let complaints = '';
  const step = (title: string): RanStep => {
    const found = steps.find((candidate) => candidate.title.startsWith(title));
    if (found === undefined) throw new Error(`no step "${title}" in:\n${steps.map((each) => each.title).join('\n')}`);
    return found;
  };

  beforeAll(async () => {
    demo = await startDemo();
    await demo.server.printed(/^# 9\..*^# -> /msu);
    ({ steps, complaints } = await runWalk(demo.server.stdout()));
  });
  afterAll(async () => demo.close());

  it('is announced by one ready line', () => {
    expect(demo.server.stdout().split('\n')[0]).toBe(`sealgate ready issuer=${demo.issuer} gateway=${demo.gateway}`);
    expect(steps).toHaveLength(9);
  });

  it('gives 401 and a bare challenge without a token, whether path and method exist or not (RFC 6750 section 3.1)', () => {
    const { output, statuses } = step('Without a token');
    expect(statuses).toEqual([401, 401, 401]);
    const challenges = output.match(/^www-authenticate: .*$/gimu) ?? [];
    expect(challenges).toHaveLength(3);
    expect(new Set(challenges).size).toBe(1);
    expect(challenges[0]).toMatch(/^www-authenticate: Bearer(?! .*error=)/iu);
    const bodies = output.match(/^\{.*?\}/gmu) ?? [];
    expect(new Set(bodies.map((body) => body.replace(/"request_id":"[^"]*"/u, ''))).size).toBe(1);
  });

  it('gives 200 and the orders with a token', () => {
    const { output, statuses } = step('Log in, and call');
    expect(statuses, `${output}\n${complaints}\n${demo.server.stderr()}`).toEqual([200]);
    expect(output).toContain('"item":"coffee"');
  });

  it('shows the upstream who calls, and nothing that the caller forged', () => {
    const { output } = step('Who calls');
    const { headers }: { headers: Record<string, string> } = JSON.parse(output);
    expect(headers['x-user-id']).toMatch(/^usr_/u);
    expect(output).not.toContain('admin');
    expect(Object.keys(headers).filter((name) => name.replaceAll('_', '-') === 'x-user-id')).toEqual(['x-user-id']);
    expect(headers['x-user-roles']).toBe('editor');
    expect(headers['x-client-id']).toBe('orders-web');
  });

  it('gives 401 invalid_token when one character is changed', () => {
    const { output, statuses } = step('One character changed');
    expect(statuses).toEqual([401]);
    expect(output).toMatch(/^www-authenticate: Bearer .*error="invalid_token"/imu);
  });

  it('gives 403 insufficient_scope to a token that may only read, and 201 to one that may write', () => {
    const { output, statuses } = step('A token that may read');
    expect(statuses).toEqual([403, 201]);
    expect(output).toMatch(/^www-authenticate: Bearer .*error="insufficient_scope".*scope="orders:write"/imu);
    expect(output).toContain('"item":"tea"');
  });

  it('gives a new pair on refresh', () => {
    expect(step('Refresh').statuses).toEqual([200]);
  });

  it('refuses the old refresh token once its successor was used, and the newest access token with it', () => {
    const { output, statuses } = step('A stolen refresh token');
    expect(output).toContain('invalid_grant');
    expect(statuses).toEqual([401]);
  });

  it('lets no token through after logout, and introspection agrees', () => {
    const { output, statuses } = step('Log out');
    expect(statuses).toEqual([204, 401]);
    expect(output).toContain('{"active":false}');
  });

  it('says which rule refuses it, and where to look into a token', () => {
    const { output } = step('Why?');
    const { allow, steps: rules }: { allow: boolean; steps: { rule: string; passed: boolean }[] } = JSON.parse(output);
    expect(allow).toBe(false);
    expect(rules.filter(({ passed }) => !passed).map(({ rule }) => rule)).toEqual(['revocation']);
    expect(demo.server.stdout()).toContain(`${demo.issuer}/debugger/`);
    expect(demo.server.stdout()).toContain(`${demo.admin}/debugger/`);
  });
});

describe('the README', () => {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const begin = readme.indexOf('<!-- walk:begin');
  const section = readme.slice(readme.indexOf('-->', begin) + 3, readme.indexOf('<!-- walk:end -->')).trim();

  it('shows the walk that is printed and tested', () => {
    expect(begin).toBeGreaterThan(0);
    expect(section).toBe(renderWalkMarkdown().trim());
    for (const { commands } of walkSteps(DEMO_ADDRESSES)) expect(readme).toContain(commands);
  });
});
