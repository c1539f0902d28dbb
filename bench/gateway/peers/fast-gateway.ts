/** `fast-gateway` with `fast-jwt` as its middleware. */
import type http from 'node:http';
import gateway from 'fast-gateway';
import { createVerifier } from 'fast-jwt';
import { readSetup, subjectOf } from './setup.ts';

const setup = readSetup();
const verify = createVerifier({
  key: setup.publicKey,
  algorithms: [setup.algorithm],
  allowedIss: setup.issuer,
  allowedAud: setup.audience,
  cache: setup.cache ? 5000 : false,
});
const server = gateway({
  middlewares: [
    (request: http.IncomingMessage, response: http.ServerResponse, next: () => unknown) => {
      try {
        const claims: unknown = verify((request.headers.authorization ?? '').slice('Bearer '.length));
        request.headers['x-user-id'] = subjectOf(claims);
      } catch {
        response.statusCode = 401;
        response.end();
        return;
      }
      next();
    },
  ],
  routes: [{ prefix: '', target: setup.origin }],
});
await server.start(setup.port, '127.0.0.1');
