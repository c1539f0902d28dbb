import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeaderCondition } from './header-match.ts';
import { RouteTable, type Routable } from './route-table.ts';

const route = (
  path: string,
  methods?: readonly string[],
  host?: string,
  headers: readonly HeaderCondition[] = [],
): Routable => ({
  name: `${host ?? ''}${path} ${methods?.join() ?? '*'}`,
  host,
  path,
  methods,
  headers,
});

function pathFound(table: RouteTable<Routable>, path: string, method = 'GET', host = 'x.test'): string {
  const match = table.find(host, path, method, []);
  return match.kind === 'route' ? match.route.path : match.kind;
}

describe('the most specific pattern wins, whatever the order', () => {
  const patterns = [
    '/**',
    '/orders',
    '/orders/**',
    '/orders/*',
    '/orders/*/items',
    '/orders/new',
    '/orders/new/**',
    '/a/*/c',
    '/a/b/**',
  ];
  const requests: [string, string][] = [
    ['/', '/**'],
    ['/other', '/**'],
    ['/orders', '/orders'],
    ['/orders/', '/orders'],
    ['/orders/1', '/orders/*'],
    ['/orders/1/', '/orders/*'],
    ['/orders/new', '/orders/new'],
    ['/orders/new/x', '/orders/new/**'],
    ['/orders/1/items', '/orders/*/items'],
    ['/orders/1/items/2', '/orders/**'],
    ['/a/b/c', '/a/b/**'],
    ['/a/x/c', '/a/*/c'],
    ['/a/x/d', '/**'],
    ['/a/b', '/a/b/**'],
  ];

  it('holds for every order of definition', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(patterns, { minLength: patterns.length }), (shuffled) => {
        const table = new RouteTable(shuffled.map((path) => route(path)));
        for (const [path, expected] of requests) expect([path, pathFound(table, path)]).toEqual([path, expected]);
      }),
      { numRuns: 50 },
    );
  });

  it('shows that order', () => {
    expect(new RouteTable(patterns.map((path) => route(path))).ordered.map(({ path }) => path)).toEqual([
      '/a/b/**',
      '/a/*/c',
      '/orders/new',
      '/orders/new/**',
      '/orders/*/items',
      '/orders/*',
      '/orders',
      '/orders/**',
      '/**',
    ]);
  });
});

describe('methods', () => {
  const table = new RouteTable([
    route('/orders/**', ['GET']),
    route('/orders/**', ['POST', 'PUT']),
    route('/**'),
    route('/trace', ['TRACE']),
  ]);

  it('are chosen among the routes of the matching pattern, never of a wider one', () => {
    expect(table.find('x', '/orders/1', 'DELETE', [])).toMatchObject({
      kind: 'no_method',
      allowed: ['GET', 'POST', 'PUT'],
    });
  });

  it('default to every method but CONNECT and TRACE', () => {
    expect(pathFound(table, '/x', 'PURGE')).toBe('/**');
    expect(pathFound(table, '/x', 'TRACE')).toBe('no_method');
    expect(pathFound(table, '/trace', 'TRACE')).toBe('/trace');
  });
});

describe('hosts', () => {
  const table = new RouteTable([route('/a', undefined, 'api.test'), route('/a', undefined, '*.api.test'), route('/b')]);

  it.each([
    ['api.test', '/a', '/a'],
    ['v1.api.test', '/a', '/a'],
    ['x.v1.api.test', '/a', 'no_path'],
    ['other.test', '/a', 'no_path'],
    ['api.test', '/b', '/b'],
  ])('%s%s -> %s', (host, path, expected) => {
    expect(pathFound(table, path, 'GET', host)).toBe(expected);
  });
});

const exact = (name: string, value: string): HeaderCondition => ({ name, kind: 'exact', value });
const prefix = (name: string, value: string): HeaderCondition => ({ name, kind: 'prefix', value });
const present = (name: string): HeaderCondition => ({ name, kind: 'present' });
const by = (...headers: readonly HeaderCondition[]) => route('/a/**', undefined, undefined, headers);

describe('headers', () => {
  const table = new RouteTable([
    { ...route('/a/**'), name: 'plain' },
    { ...by(exact('x-v', '2')), name: 'two' },
    { ...by(prefix('x-v', '2')), name: 'twos' },
    { ...by(prefix('x-v', '2.1')), name: 'later twos' },
    { ...by(present('x-v')), name: 'any version' },
    { ...by(exact('x-v', '2'), present('x-beta')), name: 'two, beta' },
    { ...route('/a/**', ['POST']), name: 'posts' },
    { ...route('/a/b/**', undefined, undefined, [exact('x-v', '2')]), name: 'inner two' },
    { ...route('/only', ['PUT'], undefined, [present('x-beta')]), name: 'beta only' },
    { ...route('/only', ['TRACE'], undefined, [present('x-trace')]), name: 'traced' },
    { ...route('/only', undefined, undefined, [present('x-trace')]), name: 'traced otherwise' },
    { ...route('/only', undefined, 'api.test', [present('x-beta')]), name: 'beta of a host' },
  ]);
  const found = (method: string, path: string, fields: readonly string[], host = 'x.test'): string => {
    const match = table.find(host, path, method, fields);
    return match.kind === 'route' ? match.route.name : match.kind;
  };

  it.each([
    ['none', ['Accept', '*/*'], 'plain'],
    ['an exact value', ['X-V', '2'], 'two'],
    ['an exact value and another condition', ['X-Beta', '', 'X-V', '2'], 'two, beta'],
    ['a beginning', ['X-V', '2.0'], 'twos'],
    ['a longer beginning', ['X-V', '2.1.7'], 'later twos'],
    ['presence', ['X-V', '3'], 'any version'],
    ['presence without a value', ['X-V', ''], 'any version'],
    ['a condition of others', ['X-Beta', '1'], 'plain'],
    ['a value in other letters', ['X-V', '2', 'X-Beta', 'no'], 'two, beta'],
    ['a repeated field of which one value does not hold', ['X-V', '2', 'x-v', '3'], 'any version'],
    ['a repeated field of which every value holds', ['X-V', '2', 'x-v', '2'], 'two'],
  ])('%s', (_what, fields, expected) => {
    expect(found('GET', '/a/x', fields)).toBe(expected);
  });

  it('rank behind the path and the method', () => {
    expect(found('POST', '/a/x', ['x-v', '2'])).toBe('posts');
    expect(found('GET', '/a/b/c', ['x-v', '2', 'x-beta', '1'])).toBe('inner two');
  });

  it('that do not hold leave the request to the next pattern, as if the route were not there', () => {
    expect(found('GET', '/a/b/c', [])).toBe('plain');
    expect(found('GET', '/a/b/c', ['x-v', '2.1'])).toBe('later twos');
    expect(found('PUT', '/only', [])).toBe('no_path');
    expect(found('PUT', '/only', ['x-beta', ''])).toBe('beta only');
    expect(found('PUT', '/only', ['x-beta', ''], 'api.test')).toBe('beta of a host');
    expect(found('PUT', '/only', ['x-trace', ''], 'api.test')).toBe('traced otherwise');
  });

  it('do not lift what holds for methods', () => {
    expect(table.find('x', '/only', 'GET', ['x-beta', ''])).toEqual({ kind: 'no_method', allowed: ['PUT'] });
    expect(found('TRACE', '/a/x', ['x-v', '2'])).toBe('no_method');
    expect(found('TRACE', '/only', ['x-trace', ''])).toBe('traced');
  });

  it('are shown in the order in which they win', () => {
    expect(table.ordered.map(({ name }) => name)).toEqual([
      'beta of a host',
      'inner two',
      'posts',
      'two, beta',
      'two',
      'later twos',
      'twos',
      'any version',
      'plain',
      'beta only',
      'traced',
      'traced otherwise',
    ]);
  });

  it('take part in what a preflight request is about, whatever it sends itself', () => {
    expect(table.at('x', '/a/b/c').map(({ name }) => name)).toEqual([
      'inner two',
      'plain',
      'two',
      'twos',
      'later twos',
      'any version',
      'two, beta',
      'posts',
    ]);
  });

  it('the winner does not depend on the order of the routes, and nothing before it in the shown order could answer', () => {
    const routes = [...table.ordered];
    const field = fc.record({
      name: fc.constantFrom('x-v', 'X-V', 'x-beta', 'x-trace'),
      value: fc.constantFrom('', '2', '2.0', '2.1', '3'),
    });
    fc.assert(
      fc.property(
        fc.shuffledSubarray(routes, { minLength: routes.length }),
        fc.constantFrom('/a/x', '/a/b/c', '/only'),
        fc.array(field, { maxLength: 4 }),
        (shuffled, path, sent) => {
          const fields = sent.flatMap(({ name, value }) => [name, value]);
          const match = new RouteTable(shuffled).find('x.test', path, 'PUT', fields);
          expect(match).toEqual(table.find('x.test', path, 'PUT', fields));
        },
      ),
    );
  });
});

describe('what cannot be told apart is refused', () => {
  it.each([
    [[route('/a', ['GET']), route('/a', ['POST', 'GET'])], 'route_ambiguous'],
    [[route('/a'), route('/a/')], 'route_ambiguous'],
    [[route('/a/**'), route('/a/**')], 'route_ambiguous'],
    [[by(exact('x', '1')), by(exact('x', '1'))], 'route_ambiguous'],
    [[by(exact('x', '1')), by(exact('y', '1'))], 'route_ambiguous'],
    [[by(present('x')), by(present('y'))], 'route_ambiguous'],
    [[by(prefix('x', 'ab')), by(prefix('y', 'cd'))], 'route_ambiguous'],
    [[route('a')], 'route_pattern_malformed'],
    [[route('/a/**/b')], 'route_pattern_malformed'],
    [[route('/a*')], 'route_pattern_malformed'],
    [[route('/a/../b')], 'route_pattern_malformed'],
    [[route('/a//b')], 'route_pattern_malformed'],
    [[route('/a?b')], 'route_pattern_malformed'],
    [[route('/%61')], 'route_pattern_malformed'],
  ])('%#', (routes, code) => {
    expect(() => new RouteTable(routes)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['values that exclude each other', by(exact('x', '1')), by(exact('x', '2'))],
    ['beginnings that do', by(prefix('x', 'ab')), by(prefix('x', 'ac'))],
    ['a value that does not begin so', by(exact('x', '1'), present('z')), by(prefix('x', '2'), exact('z', '1'))],
    ['methods that do', { ...by(exact('x', '1')), methods: ['GET'] }, { ...by(exact('y', '1')), methods: ['POST'] }],
  ])('%s can be told apart', (_what, left, right) => {
    expect(() => new RouteTable([left, right])).not.toThrow();
  });
});
