/** The documentation says what is so: its examples are files that are type-checked and run; the table of errors is documented whole. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, JwtError } from '@sealgate/jwt';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

describe.each(['packages/jwt/README.md', 'docs/coming-from-jsonwebtoken-and-jose.md'])('%s', (file) => {
  const blocks = [...read(file).matchAll(/<!-- example: ([a-z-]+) -->\n```ts\n(.*?)```/gsu)];

  it('has examples, and no TypeScript beside them', () => {
    expect(blocks.length).toBeGreaterThan(1);
    expect(read(file).match(/```ts/gu)?.length).toBe(blocks.length);
  });

  it.each(blocks.map(([, name = '', code = '']) => [name, code]))('shows %s as it is', (name, code) => {
    expect(code).toBe(read(`packages/jwt/test/examples/${name}.ts`));
  });
});

describe('the examples run, and do what their comments say', () => {
  it('verify-access-token', async () => {
    const example = await import('./examples/verify-access-token.ts');
    expect([example.subject, example.answer]).toEqual(['alice', expect.any(String)]);
  });
  it('typed-claims', async () => {
    const example = await import('./examples/typed-claims.ts');
    expect(example.roles).toEqual(['editor']);
    expect(example.refusedRole).toBe('claims_rejected roles');
    expect(example.refusedAudience).toBe('audience_mismatch aud');
  });
  it('encrypted-token', async () => {
    expect((await import('./examples/encrypted-token.ts')).claims.sub).toBe('alice');
  });
  it('keys', async () => {
    const example = await import('./examples/keys.ts');
    expect(example.keys).toHaveLength(1);
    expect(example.reasons).toEqual(['1: key_too_weak']);
  });
  it('lint', async () => {
    const example = await import('./examples/lint.ts');
    expect(example.tokenRules).toEqual(
      expect.arrayContaining(['warning alg-symmetric', 'warning personal-data', 'warning aud-missing']),
    );
    expect(example.keyRules).toContain('error secret-known');
  });
  it('from-jsonwebtoken', async () => {
    expect((await import('./examples/from-jsonwebtoken.ts')).claims.sub).toBe('alice');
  });
  it('remote-keys and from-jose refuse what is no token before any request', async () => {
    const { authenticate } = await import('./examples/remote-keys.ts');
    expect(await authenticate('x', '203.0.113.9')).toBeUndefined();
    const { claimsOf } = await import('./examples/from-jose.ts');
    await expect(claimsOf('x')).rejects.toMatchObject({ code: 'token_malformed' });
  });
});

/** Names that the entry points export, with the file that declares each. */
function publicNames(): [name: string, file: string][] {
  const { exports } = JSON.parse(read('packages/jwt/package.json')) as { exports: Record<string, { source: string }> };
  return Object.values(exports).flatMap(({ source }) => {
    const entry = path.join('packages/jwt', source);
    const text = read(entry);
    const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gmu)].flatMap(
      ([, names = '', file = '']) =>
        names
          .split(',')
          .map((name) => name.trim().replace(/^type /u, ''))
          .filter((name) => name !== '')
          .map((name): [string, string] => [name, path.join(path.dirname(entry), file)]),
    );
    const own = [...text.matchAll(/^export (?:async )?(?:const|function|class|interface|type) (\w+)/gmu)];
    return passedOn.concat(own.map(([, name = '']): [string, string] => [name, entry]));
  });
}

const DOCUMENTED = /\*\/\s*$/u;

describe('every public name', () => {
  const names = publicNames();

  it('is found', () => {
    expect(names.length).toBeGreaterThan(130);
  });

  it.each(names)('%s says what it is, and so does each member of it', (name, file) => {
    const text = read(file);
    const declared = new RegExp(`^export (?:async )?(const|function|class|interface|type) ${name}\\b`, 'mu').exec(text);
    if (declared === null) throw new Error(`${file} does not declare ${name}`);
    expect(text.slice(0, declared.index)).toMatch(DOCUMENTED);
    if (declared[1] !== 'interface') return;
    const body = text.slice(declared.index, text.indexOf('\n}', declared.index));
    for (const member of body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:]/gmu)) {
      expect(body.slice(0, member.index), member[1]).toMatch(DOCUMENTED);
    }
  });

  it.each([...new Set(names.map(([, file]) => file))])('of %s that throws a JwtError says so', (file) => {
    for (const [doc, , name = ''] of read(file).matchAll(
      /\/\*\*((?!\*\/).)*?\*\/\nexport (?:async )?function (\w+)/gsu,
    )) {
      const from = read(file).indexOf(doc) + doc.length;
      const body = read(file).slice(from, read(file).indexOf('\n}', from));
      // Not in a rule that the function only makes: those are indented deeper.
      if (/^ {2}(?:if .*|for .*)?throw (?:refusal|new JwtError)\(/mu.test(body))
        expect(doc, name).toContain('@throws {JwtError}');
    }
  });
});

describe('errors', () => {
  it('docs/errors.md has every code, its message, its remedy and its source', () => {
    const text = read('docs/errors.md');
    for (const [code, { message, remedy, source }] of Object.entries(ERROR_CODES)) {
      expect(text).toContain(`| \`${code}\` | ${message} | ${remedy} | ${source} |`);
    }
  });

  it('every code of the table is used in the source, and every code used is in the table', async () => {
    const { globSync } = await import('node:fs');
    const sources = globSync('packages/jwt/src/**/*.ts', { cwd: root })
      .filter((file) => !file.endsWith('error-codes.ts'))
      .map((file) => read(file))
      .join('\n');
    const unused = Object.keys(ERROR_CODES).filter((code) => !sources.includes(`'${code}'`));
    expect(unused).toEqual([]);
  });

  it('an error says what, where and what to do', () => {
    const error = new JwtError('claim_malformed', { claim: 'exp', reason: 'not a number' });
    expect(error.message).toBe('a claim has the wrong type or is out of bounds: claim "exp" (not a number)');
    expect(error.remedy).toContain('correct the issuer');
    expect(error.source).toContain('RFC 7519');
    expect(error.name).toBe('JwtError');
  });
});
