/** `http-proxy` behind `express-jwt` in Express, the combination most often seen in tutorials. It has no cache of tokens. */
import http from 'node:http';
import express from 'express';
import { expressjwt } from 'express-jwt';
import httpProxy from 'http-proxy';
import { readSetup, subjectOf } from './setup.ts';

const setup = readSetup();
const proxy = httpProxy.createProxyServer({
  target: setup.origin,
  agent: new http.Agent({ keepAlive: true, maxSockets: 256 }),
});
const app = express();
app.disable('x-powered-by');
app.use(
  expressjwt({
    secret: setup.publicKey,
    algorithms: [setup.algorithm],
    issuer: setup.issuer,
    audience: setup.audience,
  }),
);
app.use((request, response) => {
  proxy.web(request, response, { headers: { 'x-user-id': subjectOf(request.auth) } }, () => {
    response.status(502).end();
  });
});
app.use((_error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
  response.status(401).end();
});
app.listen(setup.port, '127.0.0.1');
