/** `@fastify/http-proxy` guarded by `@fastify/jwt`, as their documentation combines them. */
import proxy from '@fastify/http-proxy';
import jwt from '@fastify/jwt';
import { fastify } from 'fastify';
import { readSetup, subjectOf } from './setup.ts';

const setup = readSetup();
const app = fastify({ logger: false });
await app.register(jwt, {
  secret: { public: setup.publicKey },
  verify: {
    algorithms: [setup.algorithm],
    allowedIss: setup.issuer,
    allowedAud: setup.audience,
    cache: setup.cache ? 5000 : false,
  },
});
app.addHook('onRequest', async (request) => {
  await request.jwtVerify();
});
await app.register(proxy, {
  upstream: setup.origin,
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => ({ ...headers, 'x-user-id': subjectOf(request.user) }),
  },
});
await app.listen({ port: setup.port, host: '127.0.0.1' });
