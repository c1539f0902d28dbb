import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouteTable, type Routable } from './route-table.ts';

const route = (path: string, methods?: readonly string[], host?: string): Routable => ({
  name: `${host ?? ''}${path} ${methods?.join() ?? '*'}`,
  host,
  path,
  methods,
});

function pathFound(table: RouteTable<Routable>, path: string, method = 'GET', host = 'x.test'): string {
  const match = table.find(host, path, method);
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
    expect(table.find('x', '/orders/1', 'DELETE')).toMatchObject({
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

describe('what cannot be told apart is refused', () => {
  it.each([
    [[route('/a', ['GET']), route('/a', ['POST', 'GET'])], 'route_ambiguous'],
    [[route('/a'), route('/a/')], 'route_ambiguous'],
    [[route('/a/**'), route('/a/**')], 'route_ambiguous'],
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
});
