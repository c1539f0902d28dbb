/** Envoy's external authorization over gRPC, asked by a client that the usual library makes from the protocol's definition. */
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { createGateway, type Gateway } from '@sealgate/gateway';
import * as fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor, startIssuer, type TestIssuer } from './fixture.ts';

const SERVICE = 'envoy.service.auth.v3.Authorization';
const loaded = loadSync(fileURLToPath(new URL('envoy/external-auth.proto', import.meta.url)), {
  keepCase: true,
  longs: Number,
});
const check = (loaded[SERVICE] as unknown as Record<'Check', MethodDefinition<object, CheckResponse>>).Check;

interface HeaderOption {
  readonly header: { readonly key: string; readonly value: string };
  readonly append: { readonly value?: boolean } | null;
}
interface CheckResponse {
  readonly status: { readonly code?: number };
  readonly denied_response?: {
    readonly status: { readonly code: number };
    readonly headers: readonly HeaderOption[];
    readonly body: string;
  };
  readonly ok_response?: {
    readonly headers?: readonly HeaderOption[];
    readonly headers_to_remove?: readonly string[];
    readonly response_headers_to_add?: readonly HeaderOption[];
  };
}

let issuer: TestIssuer;
let gateway: Gateway;
let client: Client;
beforeAll(async () => {
  issuer = await startIssuer();
  const config = configFor('http://127.0.0.1:9', issuer.url, {
    forwardAuth: { listen: 'http://127.0.0.1:0', from: 'envoy' },
    access: { deny: ['192.0.2.66'] },
  });
  gateway = await createGateway({ config });
  const { forwardAuthUrl = '' } = await gateway.listen();
  await gateway.ready;
  client = new Client(new URL(forwardAuthUrl).host, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await gateway.close();
  await issuer.close();
});

function call(method: string, request: object): Promise<CheckResponse> {
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, response?: CheckResponse) =>
      error === null ? resolve(response!) : reject(error);
    client.makeUnaryRequest(method, check.requestSerialize, check.responseDeserialize, request, done);
  });
}

const question = (method: string, path: string, headers: Record<string, string> = {}, address = '192.0.2.1') => ({
  attributes: {
    source: { address: { socket_address: { address, port_value: 40_000 } } },
    request: {
      http: {
        method,
        path,
        host: 'api.test',
        scheme: 'https',
        protocol: 'HTTP/2',
        size: -1,
        headers: { ':method': method, ':path': path, ':authority': 'api.test', ...headers },
      },
    },
  },
});
const ask = (...asked: Parameters<typeof question>) => call(check.path, question(...asked));
const bearer = (claims = {}) => ({ authorization: `Bearer ${issuer.token(claims)}` });
const pairs = (options: readonly HeaderOption[] = []) => options.map(({ header }) => [header.key, header.value]);

describe('Check', () => {
  it('allows with the identity that was verified, in place of what the client sent in any spelling', async () => {
    const headers = { ...bearer(), 'x-user-id': 'root', x_user_id: 'root', 'x-tenant-id': 'other', 'x-other': 'kept' };
    const { status: said, ok_response: ok } = await ask('GET', '/orders/1?x=1', headers);
    expect(said.code ?? 0).toBe(0);
    expect(pairs(ok?.headers)).toEqual([
      ['x-user-id', 'alice'],
      ['x-user-roles', 'editor'],
    ]);
    expect(ok?.headers?.map(({ append }) => append?.value ?? false)).toEqual([false, false]);
    expect([...(ok?.headers_to_remove ?? [])].sort()).toEqual(['x-tenant-id', 'x_user_id']);
    expect(pairs(ok?.response_headers_to_add)).toEqual([['x-request-id', expect.any(String)]]);
  });

  it('refuses without a token: 401 with the challenge (RFC 6750 section 3)', async () => {
    const { status: said, denied_response: denied } = await ask('GET', '/orders/1');
    expect([said.code, denied?.status.code]).toEqual([status.UNAUTHENTICATED, 401]);
    expect(pairs(denied?.headers)).toContainEqual(['www-authenticate', 'Bearer realm="api"']);
    expect(JSON.parse(denied?.body ?? '')).toMatchObject({ status: 401 });
  });

  it.each<[string, Parameters<typeof question>, number]>([
    ['a path with two readings', ['GET', '/open/..%2fadmin'], 400],
    ['a method that is none', ['get', '/open/x'], 400],
    ['no method', ['', '/open/x'], 400],
    ['nobody who asks', ['GET', '/open/x', {}, ''], 400],
    ['an address that may not', ['GET', '/open/x', { 'x-forwarded-for': '192.0.2.1' }, '192.0.2.66'], 403],
    ['two credentials merged into one', ['GET', '/orders/1', { authorization: 'Bearer a,Bearer b' }], 400],
  ])('refuses %s', async (_name, asked, code) => {
    const { status: said, denied_response: denied } = await ask(...asked);
    expect(denied?.status.code).toBe(code);
    expect(said.code).not.toBe(0);
  });

  it('refuses with 403 what the token does not allow', async () => {
    const { denied_response: denied } = await ask('POST', '/orders/1', bearer({ roles: [] }));
    expect(denied?.status.code).toBe(403);
  });

  it('reads headers that are sent raw, duplicates apart', async () => {
    const asked = (count: number) => {
      const { attributes } = question('GET', '/orders/1');
      const { headers: _merged, ...http } = attributes.request.http;
      const value = Buffer.from(bearer().authorization);
      const header_map = { headers: Array.from({ length: count }, () => ({ key: 'authorization', raw_value: value })) };
      return { attributes: { ...attributes, request: { http: { ...http, header_map } } } };
    };
    expect((await call(check.path, asked(1))).ok_response).toBeTruthy();
    expect((await call(check.path, asked(2))).denied_response?.status.code).toBe(400);
  });

  it('an open route is open, and its callers have no identity', async () => {
    const { ok_response: ok } = await ask('GET', '/open/x', { 'x-user-id': 'root' });
    expect([ok?.headers ?? [], ok?.headers_to_remove]).toEqual([[], ['x-user-id']]);
  });
});

describe('what is no question', () => {
  it('asked of another service is UNIMPLEMENTED', async () => {
    await expect(call('/envoy.service.auth.v2.Authorization/Check', {})).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });

  it('an empty one is refused', async () => {
    expect((await call(check.path, {})).denied_response?.status.code).toBe(400);
  });

  it('octets that are no message get an error or a refusal, never a yes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (octets) => {
        const answer = await new Promise<CheckResponse | ServiceError | undefined>((resolve) => {
          client.makeUnaryRequest(
            check.path,
            (value: Uint8Array) => Buffer.from(value),
            check.responseDeserialize,
            octets,
            (error, response) => resolve(error ?? response),
          );
        });
        if (answer instanceof Error) expect(answer).toMatchObject({ code: status.INVALID_ARGUMENT });
        else expect(answer?.denied_response?.status.code).toBe(400);
      }),
      { numRuns: 200 },
    );
  });
});
