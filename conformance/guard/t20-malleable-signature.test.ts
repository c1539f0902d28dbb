/** T20: a token's signature can be rewritten without breaking it; a revocation must hold all the same. */
import { compilePolicy, decide, type Verdict } from '@sealgate/guard';
import { generateKey } from '@sealgate/jwt';
import { describe, expect, it } from 'vitest';
import { World } from './trusted-world.ts';

/** The order of P-256 (SEC 2, section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** (r, n - s): as good a signature as (r, s), by other bytes. */
function twinOf(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  bytes.write((ORDER - s).toString(16).padStart(64, '0'), 32, 'hex');
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

/** The same bytes, spelled with other trailing bits (RFC 4648 section 3.5). */
function respelled(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1) ?? '');
  return token.slice(0, -1) + alphabet.charAt(last ^ 1);
}

const judge = (world: World, trust: ReturnType<World['trust']>, token: string): Verdict | Promise<Verdict> =>
  decide(
    { method: 'GET', path: '/', authorization: [`Bearer ${token}`], nowSeconds: world.now },
    compilePolicy({}),
    trust,
  );

describe('T20: malleable signatures', () => {
  it.each(['token', 'session', 'subject', 'client'] as const)(
    'a %s revocation hits the twin of a token too',
    async (kind) => {
      const world = new World();
      const trust = world.trust(true);
      const key = generateKey('ES256');
      world.keys.add(key);
      const token = world.token(key);
      const twin = twinOf(token);
      expect(twin).not.toBe(token);
      expect(await judge(world, trust, token)).toMatchObject({ allow: true });
      // Node, like most, takes both; whoever refuses high s is fine as well.
      const ids = { token: '1:1', session: 's1', subject: 'alice', client: 'web' };
      world.revoke(kind, ids[kind]);
      expect(await judge(world, trust, token)).toMatchObject({ allow: false, status: 401, code: 'invalid_token' });
      expect(await judge(world, trust, twin)).toMatchObject({ allow: false, status: 401, code: 'invalid_token' });
    },
  );

  it('a second spelling of the same signature is no token', async () => {
    const world = new World();
    const key = generateKey('ES256');
    world.keys.add(key);
    const token = world.token(key);
    expect(Buffer.from(respelled(token).split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(token.split('.')[2] ?? '', 'base64url'),
    );
    expect(await judge(world, world.trust(true), respelled(token))).toMatchObject({
      allow: false,
      code: 'invalid_token',
    });
  });
});
