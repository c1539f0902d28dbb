/** I7, the half of the resource server: DPoP proofs (RFC 9449) and certificate-bound tokens (RFC 8705). */
import { createHash, randomUUID } from 'node:crypto';
import {
  compilePolicy,
  createDpopProofs,
  decide,
  type RequestFacts,
  type SenderConstraint,
  type Verdict,
} from '@sealgate/guard';
import {
  DPOP_ALGORITHMS,
  exportJwk,
  exportPrivateJwk,
  generateKey,
  publicKey,
  signJwt,
  thumbprint,
  type Key,
} from '@sealgate/jwt';
import { beforeEach, describe, expect, it } from 'vitest';
import { World } from './trusted-world.ts';

const issuerKey = generateKey('ES256');
const clientKey = generateKey('ES256');
const otherKey = generateKey('ES256');
const CERTIFICATE = createHash('sha256').update('a certificate').digest('base64url');

let world: World;
let bound: string;
let proofs: ReturnType<typeof createDpopProofs>;

beforeEach(() => {
  world = new World();
  world.keys.add(issuerKey);
  bound = world.token(issuerKey, { cnf: { jkt: thumbprint(clientKey) } });
  proofs = createDpopProofs({ now: () => world.now, maxProofs: 40 });
});

interface ProofParts {
  readonly key?: Key;
  readonly typ?: string;
  readonly jwk?: unknown;
  readonly claims?: Record<string, unknown>;
}

const proofFor = (token: string, { key = clientKey, typ = 'dpop+jwt', jwk, claims = {} }: ProofParts = {}): string =>
  signJwt(
    {
      jti: randomUUID(),
      htm: 'GET',
      htu: 'https://api.test/orders',
      iat: world.now,
      ath: createHash('sha256').update(token).digest('base64url'),
      ...claims,
    },
    { key, typ, header: { jwk: (jwk ?? exportJwk(publicKey(key))) as never } },
  );

const ask = (token: string, fields: readonly string[], more: Partial<RequestFacts> = {}): Verdict | Promise<Verdict> =>
  decide(
    {
      method: 'GET',
      path: '/orders',
      scheme: 'https',
      host: 'api.test',
      authorization: [`DPoP ${token}`],
      rawHeaders: ['Host', 'api.test', ...fields.flatMap((proof) => ['DPoP', proof])],
      nowSeconds: world.now,
      ...more,
    },
    compilePolicy({ scopes: ['read'] }),
    { ...world.trust(true), proofs },
  );

const answer = async (verdict: Verdict | Promise<Verdict>): Promise<string> => {
  const settled = await verdict;
  return settled.allow ? (settled.principal?.subject ?? 'anonymous') : `${settled.status} ${settled.code}`;
};

describe('I7: a token bound by DPoP (RFC 9449)', () => {
  it('is admitted with its proof, at once', async () => {
    const verdict = ask(bound, [proofFor(bound)]);
    expect(verdict).not.toBeInstanceOf(Promise);
    expect(await answer(verdict)).toBe('alice');
  });

  it('takes htu without its query, and another spelling of the same address (section 4.3)', async () => {
    const claims = { htu: 'HTTPS://API.test:443/orders?page=2#top' };
    expect(await answer(ask(bound, [proofFor(bound, { claims })]))).toBe('alice');
  });

  it.each<[string, ProofParts]>([
    ['another method', { claims: { htm: 'POST' } }],
    ['the method in lower case', { claims: { htm: 'get' } }],
    ['another path', { claims: { htu: 'https://api.test/admin' } }],
    ['another host', { claims: { htu: 'https://evil.test/orders' } }],
    ['another scheme', { claims: { htu: 'http://api.test/orders' } }],
    ['a path alone', { claims: { htu: '/orders' } }],
    ['another token', { claims: { ath: createHash('sha256').update('x').digest('base64url') } }],
    ['no token', { claims: { ath: undefined } }],
    ['no id', { claims: { jti: undefined } }],
    ['no time', { claims: { iat: undefined } }],
    ['a minute and more ago', { claims: { iat: 1_800_000_000 - 66 } }],
    ['the future', { claims: { iat: 1_800_000_000 + 6 } }],
    ['another type', { typ: 'JWT' }],
    ['another key than that of the token', { key: otherKey }],
    ['another key than the one in it', { key: otherKey, jwk: exportJwk(publicKey(clientKey)) }],
    ['a private key in it', { jwk: exportPrivateJwk(clientKey) }],
    ['a symmetric key', { key: generateKey('HS256'), jwk: { kty: 'oct', k: 'AAAA' } }],
  ])('is refused with a proof for %s', async (_name, parts) => {
    const verdict = await ask(bound, [proofFor(bound, parts)]);
    expect(verdict).toMatchObject({ allow: false, status: 401, code: 'invalid_dpop_proof' });
    expect(verdict).toHaveProperty(
      'challenge',
      `DPoP realm="api", error="invalid_dpop_proof", algs="${DPOP_ALGORITHMS.join(' ')}"`,
    );
  });

  it('is refused with no proof, two proofs, or one that is no token', async () => {
    for (const fields of [[], [proofFor(bound), proofFor(bound)], ['x'], [`${proofFor(bound)}, ${proofFor(bound)}`]]) {
      expect(await answer(ask(bound, fields))).toBe('401 invalid_dpop_proof');
    }
  });

  it('is refused where the verifier does not know its own address, or checks no proofs', async () => {
    const proof = proofFor(bound);
    const facts = {
      method: 'GET',
      path: '/orders',
      authorization: [`DPoP ${bound}`],
      rawHeaders: ['dpop', proof],
      nowSeconds: world.now,
    };
    expect(await answer(decide(facts, compilePolicy({}), { ...world.trust(true), proofs }))).toBe(
      '401 invalid_dpop_proof',
    );
    const addressed = { ...facts, scheme: 'https', host: 'api.test' } as const;
    expect(await answer(decide(addressed, compilePolicy({}), world.trust(true)))).toBe('401 invalid_dpop_proof');
  });

  it('takes a proof once (section 11.1), also when the first request was refused for its scopes', async () => {
    const proof = proofFor(bound);
    expect(await answer(ask(bound, [proof]))).toBe('alice');
    expect(await answer(ask(bound, [proof]))).toBe('401 invalid_dpop_proof');
    const weak = world.token(issuerKey, { scope: 'none', cnf: { jkt: thumbprint(clientKey) } });
    const used = proofFor(weak);
    expect(await answer(ask(weak, [used]))).toBe('403 insufficient_scope');
    expect(await answer(ask(weak, [used]))).toBe('401 invalid_dpop_proof');
  });

  it('never takes a proof twice, however late in its life it comes back', async () => {
    const proof = proofFor(bound);
    expect(await answer(ask(bound, [proof]))).toBe('alice');
    for (let second = 0; second < 80; second += 1) {
      world.now += 1;
      expect(await answer(ask(bound, [proof]))).toBe('401 invalid_dpop_proof');
    }
  });

  it('is 503 for a key that has used up its share of the memory, and for no other key', async () => {
    for (let n = 0; n < 10; n += 1) expect(await answer(ask(bound, [proofFor(bound)]))).toBe('alice');
    expect(await answer(ask(bound, [proofFor(bound)]))).toBe('503 temporarily_unavailable');
    const theirs = world.token(issuerKey, { cnf: { jkt: thumbprint(otherKey) } });
    expect(await answer(ask(theirs, [proofFor(theirs, { key: otherKey })]))).toBe('alice');
    world.now += 80;
    expect(await answer(ask(bound, [proofFor(bound)]))).toBe('alice');
  });
});

describe('I7: scheme and binding agree (RFC 9449 section 7.2)', () => {
  it('a bound token as Bearer is refused, even with its proof, and told the scheme', async () => {
    const verdict = await ask(bound, [proofFor(bound)], { authorization: [`Bearer ${bound}`] });
    expect(verdict).toMatchObject({ status: 401, code: 'invalid_token' });
    expect(verdict).toHaveProperty(
      'challenge',
      `Bearer realm="api", error="invalid_token", DPoP algs="${DPOP_ALGORITHMS.join(' ')}"`,
    );
  });

  it('a bearer token as DPoP is refused, even with a proof', async () => {
    const free = world.token(issuerKey);
    expect(await answer(ask(free, [proofFor(free)]))).toBe('401 invalid_token');
  });

  it('both schemes at once are 400', async () => {
    const authorization = [`Bearer ${bound}`, `DPoP ${bound}`];
    expect(await answer(ask(bound, [proofFor(bound)], { authorization }))).toBe('400 invalid_request');
  });

  it('refusals of a token that came as DPoP are challenged as DPoP', async () => {
    const verdict = await ask(world.token(issuerKey, { exp: world.now, cnf: { jkt: thumbprint(clientKey) } }), []);
    expect(verdict).toMatchObject({ code: 'invalid_token' });
    expect(verdict).toHaveProperty(
      'challenge',
      expect.stringMatching(/^DPoP realm="api", error="invalid_token", algs="ES256 /u),
    );
  });

  it('revocation and scopes hold for bound tokens too', async () => {
    world.revoke('subject', 'alice');
    expect(await answer(ask(bound, [proofFor(bound)]))).toBe('401 invalid_token');
  });
});

describe('a token bound to a client certificate (RFC 8705 section 3)', () => {
  it.each<[string, string | undefined, string]>([
    ['the certificate of the token', CERTIFICATE, 'alice'],
    ['another certificate', createHash('sha256').update('x').digest('base64url'), '401 invalid_token'],
    ['no certificate', undefined, '401 invalid_token'],
  ])('with %s', async (_name, thumbprintOfPeer, expected) => {
    const token = world.token(issuerKey, { cnf: { 'x5t#S256': CERTIFICATE } });
    const more = { authorization: [`Bearer ${token}`], certificateThumbprint: () => thumbprintOfPeer };
    expect(await answer(ask(token, [], more))).toBe(expected);
  });

  it('needs both proofs where it is bound in both ways', async () => {
    const token = world.token(issuerKey, { cnf: { 'x5t#S256': CERTIFICATE, jkt: thumbprint(clientKey) } });
    const certificateThumbprint = () => CERTIFICATE;
    expect(await answer(ask(token, [proofFor(token)], { certificateThumbprint }))).toBe('alice');
    expect(await answer(ask(token, [proofFor(token)]))).toBe('401 invalid_token');
    expect(await answer(ask(token, [], { certificateThumbprint }))).toBe('401 invalid_dpop_proof');
  });
});

describe('nonces (RFC 9449 sections 8 and 9)', () => {
  const asking = createDpopProofs({ now: () => world.now, nonceKey: Buffer.alloc(32, 1) });
  const judge = (nonce: unknown) =>
    decide(
      {
        method: 'GET',
        path: '/orders',
        scheme: 'https',
        host: 'api.test',
        authorization: [`DPoP ${bound}`],
        rawHeaders: ['DPoP', proofFor(bound, nonce === undefined ? {} : { claims: { nonce } })],
        nowSeconds: world.now,
      },
      compilePolicy({}),
      { ...world.trust(true), proofs: asking },
    );

  it('count until the next but one has begun, and none other does', async () => {
    const nonce = asking.nonce?.();
    expect(await judge(undefined)).toMatchObject({ status: 401, code: 'use_dpop_nonce', dpopNonce: nonce });
    for (const wrong of [`${nonce} `, 'a', 'A'.repeat(22)]) {
      expect(await judge(wrong)).toMatchObject({ code: 'use_dpop_nonce' });
    }
    expect(await answer(judge(nonce))).toBe('alice');
    world.now += 120;
    expect(await answer(judge(nonce))).toBe('alice');
    world.now += 120;
    bound = world.token(issuerKey, { cnf: { jkt: thumbprint(clientKey) } });
    expect(await judge(nonce)).toMatchObject({ code: 'use_dpop_nonce' });
    expect(asking.nonce?.()).not.toBe(nonce);
  });

  it('are told with every refusal of a DPoP request, and a refused proof is not used up', async () => {
    const facts = { method: 'GET', path: '/', authorization: ['DPoP a.b.c'], nowSeconds: world.now };
    const trust = { ...world.trust(true), proofs: asking };
    expect(await decide(facts, compilePolicy({}), trust)).toMatchObject({
      code: 'invalid_token',
      dpopNonce: asking.nonce?.(),
    });
  });
});

describe('a policy that takes bound tokens only', () => {
  const judge = (senderConstrained: SenderConstraint, to: string, scheme: 'Bearer' | 'DPoP') => {
    const cnf = {
      ...(to.includes('key') ? { jkt: thumbprint(clientKey) } : {}),
      ...(to.includes('certificate') ? { 'x5t#S256': CERTIFICATE } : {}),
    };
    const token = world.token(issuerKey, to === 'nothing' ? {} : { cnf });
    const facts = {
      method: 'GET',
      path: '/orders',
      scheme: 'https' as const,
      host: 'api.test',
      authorization: [`${scheme} ${token}`],
      rawHeaders: scheme === 'DPoP' ? ['DPoP', proofFor(token)] : [],
      certificateThumbprint: () => CERTIFICATE,
      nowSeconds: world.now,
    };
    return answer(decide(facts, compilePolicy({ senderConstrained }), { ...world.trust(true), proofs }));
  };
  it.each([
    ['dpop', 'a key', 'DPoP', 'alice'],
    ['dpop', 'a key and a certificate', 'DPoP', 'alice'],
    ['dpop', 'a certificate', 'Bearer', '401 token_unbound'],
    ['dpop', 'nothing', 'Bearer', '401 token_unbound'],
    ['mtls', 'a certificate', 'Bearer', 'alice'],
    ['mtls', 'a key and a certificate', 'DPoP', 'alice'],
    ['mtls', 'a key', 'DPoP', '401 token_unbound'],
    ['any', 'a key', 'DPoP', 'alice'],
    ['any', 'a certificate', 'Bearer', 'alice'],
    ['any', 'nothing', 'Bearer', '401 token_unbound'],
    ['any', 'a key', 'Bearer', '401 invalid_token'],
  ] as const)('%s, and a token bound to %s as %s: %s', async (constraint, to, scheme, expected) => {
    expect(await judge(constraint, to, scheme)).toBe(expected);
  });

  it('cannot be one that looks at no token', () => {
    expect(() => compilePolicy({ auth: 'none', senderConstrained: 'any' })).toThrow(/none can have to be bound/u);
  });
});
