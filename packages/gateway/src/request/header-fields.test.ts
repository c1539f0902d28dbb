import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeaderFields } from './header-fields.ts';
import { HeaderRules, foldHeaderName } from './header-rules.ts';

const rules = new HeaderRules(['x-user-id', 'x-user-roles']);
const read = (...raw: string[]) => readHeaderFields(raw, rules);

describe('identity headers never pass (ATTACKS.md G2, G5)', () => {
  it.each(['x-user-id', 'X-User-Id', 'X-USER-ID', 'X_User_Id', 'x_user-id', 'x.user.id', 'X-User_Id', 'x~user~id'])(
    '%s',
    (name) => {
      expect(read('Accept', '*/*', name, 'root').passed).toEqual(['Accept', '*/*']);
    },
  );

  it('in any spelling that folds to it', () => {
    const separator = fc.constantFrom('-', '_', '.', '~', '|', '!', '+');
    const spelled = fc
      .tuple(separator, separator, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }))
      .map(([a, b, upper]) =>
        Array.from(`x${a}user${b}id`)
          .map((character, index) => (upper[index] === true ? character.toUpperCase() : character))
          .join(''),
      );
    fc.assert(
      fc.property(spelled, (name) => {
        expect(read(name, 'root').passed).toEqual([]);
      }),
    );
  });
});

it('a header that routes are chosen by passes in one spelling', () => {
  const matched = new HeaderRules([], ['X-Api-Version']);
  const { passed } = readHeaderFields(['X-API-Version', '2', 'x_api_version', '1', 'x.api-version', '3'], matched);
  expect(passed).toEqual(['X-API-Version', '2']);
});

describe('hop-by-hop headers (RFC 9110 section 7.6.1, ATTACKS.md G3)', () => {
  it('drops the listed ones and those that Connection names', () => {
    const fields = read(
      'Connection',
      'close, X-Once',
      'X-Once',
      '1',
      'x_once',
      '2',
      'TE',
      'trailers',
      'Keep-Alive',
      '5',
      'X-Kept',
      '3',
    );
    expect(fields.passed).toEqual(['X-Kept', '3']);
    expect(fields.fault).toBeUndefined();
  });

  it('reads several Connection headers as one list', () => {
    expect(read('Connection', 'a-b', 'connection', 'c-d', 'A-B', '1', 'C-D', '2').passed).toEqual([]);
  });

  it.each(['host', 'Content-Length', 'transfer-encoding', 'cookie'])('refuses %s as a connection option', (option) => {
    expect(read('Connection', option).fault).toBe('forbidden_connection_option');
  });
});

describe('what says where a request came from, or makes it another (ATTACKS.md G4)', () => {
  it.each([
    'Forwarded',
    'X-Real-IP',
    'X-Forwarded-Anything',
    'x_forwarded_for',
    'X-HTTP-Method-Override',
    'X-Original-URL',
    'Proxy',
  ])('drops %s', (name) => {
    expect(read(name, 'x').passed).toEqual([]);
  });

  it('reads X-Forwarded-For, but does not pass it', () => {
    const fields = read('X-Forwarded-For', '1.1.1.1', 'x-forwarded-for', '2.2.2.2');
    expect(fields.forwardedFor).toBe('1.1.1.1,2.2.2.2');
    expect(fields.passed).toEqual([]);
  });
});

describe('credentials', () => {
  it('keeps every Authorization value for the decision and passes none', () => {
    const fields = read('Authorization', 'Bearer a', 'authorization', 'Bearer b');
    expect(fields.authorization).toEqual(['Bearer a', 'Bearer b']);
    expect(fields.passed).toEqual([]);
  });

  it('does not take a folded spelling for the header', () => {
    const fields = read('Author.ization', 'x', 'Content_Length', '5', 'Transfer_Encoding', 'chunked');
    expect(fields).toMatchObject({ authorization: [], contentLength: undefined, chunked: false });
    expect(fields.passed).toEqual(['Author.ization', 'x']);
  });
});

describe('framing and host (RFC 9112 sections 3.2 and 6)', () => {
  it.each([
    [['Host', 'a', 'host', 'a'], 'duplicate_host'],
    [['Host', 'a b'], 'malformed_host'],
    [['Host', ''], 'malformed_host'],
    [['Host', 'a/b'], 'malformed_host'],
    [['Host', 'user@a'], 'malformed_host'],
    [['Content-Length', '5', 'Content-Length', '5'], 'duplicate_content_length'],
    [['Content-Length', '+5'], 'malformed_content_length'],
    [['Content-Length', '5, 5'], 'malformed_content_length'],
    [['Transfer-Encoding', 'gzip, chunked'], 'unsupported_transfer_encoding'],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'], 'unsupported_transfer_encoding'],
    [['Transfer-Encoding', 'chunked', 'Content-Length', '5'], 'length_and_transfer_encoding'],
  ])('%j: %s', (raw, fault) => {
    expect(read(...raw).fault).toBe(fault);
  });

  it.each(['api.acme.test', 'localhost:8080', '[::1]:80', '127.0.0.1'])('admits %s', (host) => {
    expect(read('Host', host)).toMatchObject({ host, fault: undefined });
  });
});

it('folding is idempotent', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(foldHeaderName(foldHeaderName(name))).toBe(foldHeaderName(name));
    }),
  );
});
