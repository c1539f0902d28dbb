/**
 * Project Wycheproof's vectors for JSON Web Signature, Key and Encryption. Every invalid one is refused; every valid one is
 * accepted, but for those named here with the rule that refuses them.
 */
import { describe, expect, it } from 'vitest';
import { importKey, isAlgorithm, JwtError, parseJwks, verifyJws, type JwkLike, type Key } from '@sealgate/jwt';
import { decryptJwe, isEncryptionAlgorithm, CONTENT_ENCRYPTIONS, type ContentEncryption } from '@sealgate/jwt/jwe';
import { wycheproof } from '../vectors.ts';

interface Group {
  readonly comment: string;
  readonly private: JwkLike & { readonly keys?: readonly JwkLike[] };
  readonly public?: JwkLike & { readonly keys?: readonly JwkLike[] };
  readonly tests: readonly {
    tcId: number;
    comment: string;
    result: 'valid' | 'invalid';
    jws?: unknown;
    jwe?: string;
    pt?: string;
  }[];
}

/** Valid by the file, refused here: the rule. */
const STRICTER_JWS: Readonly<Record<number, string>> = {
  346: 'the key says PS256, the token PS384: a key has one algorithm',
  347: 'the key says "ES521", which is no algorithm',
  350: 'the key says PS256, the token PS384: a key has one algorithm',
  351: 'the key says "ES521", which is no algorithm',
  357: 'a secret shorter than the hash',
  358: 'a secret shorter than the hash',
  359: 'a secret shorter than the hash',
  372: 'a secret shorter than the hash',
  373: 'a secret shorter than the hash',
  376: 'a secret shorter than the hash',
  377: 'a secret shorter than the hash',
};

const STRICTER_JWE: Readonly<Record<number, string>> = {
  100: 'RSA1_5',
  101: 'RSA1_5',
  102: 'RSA1_5',
  103: 'RSA1_5',
  104: 'RSA1_5',
  105: 'RSA1_5',
  112: 'RSA1_5',
  128: 'RSA1_5',
  132: 'the key names a content encryption as its algorithm',
  135: 'compressed',
};

/** What a set or a single key comes to: the keys that import. */
function keysOf(group: Group): Key[] {
  const source = group.public ?? group.private;
  if (source.keys === undefined) return isAlgorithm(source['alg']) ? [importKey(source, { alg: source['alg'] })] : [];
  // A set of shared secrets is not a key set that one would publish: its keys are imported one by one.
  const ids = source.keys.map((jwk) => jwk['kid']);
  if (new Set(ids).size !== ids.length) return [];
  if (source.keys.some((jwk) => jwk['kty'] === 'oct') && source.keys.some((jwk) => jwk['kty'] !== 'oct'))
    return [...parseJwks(source).keys];
  return source.keys.flatMap((jwk) => (isAlgorithm(jwk['alg']) ? [importKey(jwk, { alg: jwk['alg'] })] : []));
}

function accepts(group: Group, jws: unknown): boolean {
  try {
    const keys = keysOf(group);
    if (keys.length === 0) return false;
    verifyJws(jws as string, keys);
    return true;
  } catch (error) {
    if (error instanceof JwtError) return false;
    throw error;
  }
}

describe.each(['json_web_signature', 'json_web_key', 'json_web_crypto'])('%s', (file) => {
  const { testGroups } = wycheproof<Group>(file);
  const cases = testGroups.flatMap((group) =>
    group.tests.filter((test) => test.jws !== undefined).map((test) => ({ group, test })),
  );

  it.each(cases.map(({ group, test }) => [test.tcId, group.comment, test.comment, group, test] as const))(
    '%i %s %s',
    (tcId, _group, _comment, group, test) => {
      const stricter = file === 'json_web_signature' && Object.hasOwn(STRICTER_JWS, tcId);
      expect(accepts(group, test.jws)).toBe(test.result === 'valid' && !stricter);
    },
  );
});

describe('json_web_encryption', () => {
  const { testGroups } = wycheproof<Group>('json_web_encryption');
  const cases = testGroups.flatMap((group) =>
    group.tests.map((test) => [test.tcId, group.comment, test.comment, group, test] as const),
  );

  it.each(cases)('%i %s %s', async (tcId, _group, _comment, group, test) => {
    const jwk = group.private;
    const accepted = !Object.hasOwn(STRICTER_JWE, tcId) && test.result === 'valid';
    const alg = jwk['alg'];
    if (!isEncryptionAlgorithm(alg)) {
      expect(accepted).toBe(false);
      return;
    }
    const encryptions = (
      typeof jwk['enc'] === 'string' ? [jwk['enc']] : Object.keys(CONTENT_ENCRYPTIONS)
    ) as ContentEncryption[];
    const decrypted = decryptJwe(test.jwe ?? '', importKey(jwk, { alg }), { algorithms: [alg], encryptions });
    if (accepted) expect(Buffer.from((await decrypted).plaintext).toString('hex')).toBe(test.pt);
    else await expect(decrypted).rejects.toBeInstanceOf(JwtError);
  });
});
