/** Nothing that a log, a metric or a client sees ever holds a token, a secret, or a claim that was not verified. */
import { inspect } from 'node:util';
import { generateKey } from '@sealgate/jwt';
import { expect, it } from 'vitest';
import { createGuard, DecisionTrace, denialHeaders, problemOf, type RoutePolicy } from '../src/index.ts';
import { AUDIENCE, startTestIssuer } from './test-issuer.ts';

it('no event, state, trace, verdict or problem holds a canary', async () => {
  const seen: unknown[] = [];
  const issuer = await startTestIssuer();
  const secret = 'CANARY-secret';
  const guard = createGuard({
    url: issuer.url,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    client: { id: 'verifier', secret },
    revocation: { feed: 'push', staleAfterSeconds: 1, onStale: 'introspect' },
    observe: (event) => seen.push(event),
  });
  const stream = await issuer.admit();
  await guard.ready;
  const sub = 'CANARY-claim';
  const tokens = [
    issuer.token(),
    issuer.token({ sub }, { key: generateKey('ES256') }),
    issuer.token({ sub, exp: 1 }),
    issuer.token({ sub, aud: 'CANARY-audience' }),
    issuer.token({ sub, iss: 'https://CANARY-issuer.test' }),
    issuer.token({ sub, status: { status_list: { idx: 1, uri: 'CANARY-uri' } } }),
    'CANARY.CANARY.CANARY',
    'CANARY canary',
  ];
  const policies: readonly RoutePolicy[] = [
    {},
    { scopes: ['admin'] },
    { claims: { '/sub': 'x' } },
    { auth: 'optional' },
  ];
  const ask = async (nowSeconds: number): Promise<void> => {
    for (const policy of policies) {
      for (const token of tokens) {
        const trace = new DecisionTrace();
        const facts = { method: 'GET', path: '/', authorization: [`Bearer ${token}`], nowSeconds };
        const verdict = await guard.check(facts, guard.compile(policy), trace);
        seen.push(
          trace.steps,
          verdict,
          verdict.allow ? undefined : [problemOf(verdict, 'an-id-of-it'), denialHeaders(verdict)],
        );
      }
    }
  };
  const now = Date.now() / 1000;
  await ask(now);
  // Stale: the issuer is asked with a secret that it does not take.
  await ask(now + 100);
  stream.raw('event: change\nid: L:1\ndata: {"seq":1,"kind":"token","id":"CANARY-record"}\n\n');
  await issuer.server.nextStream();
  stream.cut();
  seen.push(guard.trust.state());
  await guard.close();
  await issuer.close();
  const text = seen
    .map((value) => `${JSON.stringify(value)}\n${inspect(value, { depth: 12, showHidden: true })}`)
    .join('\n');
  expect(text).toContain('introspection_failed');
  expect(text).toContain('feed_malformed');
  expect(text).not.toMatch(/CANARY/);
  expect(text).not.toContain(Buffer.from(`verifier:${secret}`).toString('base64'));
  for (const token of tokens) expect(text).not.toContain(token.slice(-30));
});
