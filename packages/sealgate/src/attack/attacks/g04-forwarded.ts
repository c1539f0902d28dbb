/** G4: what only a trusted proxy may say: where the client is, and what it asked for (RFC 7239 section 8.1; CVE-2026-40575). */
import type { Attack } from '../attack.ts';
import { elsewhereProbe, requestProbe } from '../probes.ts';
import { tryReflection } from '../reflection.ts';

/** Headers that name the client, with values that stand for "inside". */
const CLIENT_HEADERS = [
  'x-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-originating-ip',
];
const INSIDE = ['127.0.0.1', '10.0.0.1'];

/** Headers that name the target in the place of the request line. */
const TARGET_HEADERS = ['x-original-url', 'x-rewrite-url', 'x-original-uri', 'x-forwarded-uri', 'x-forwarded-path'];

const CANARY = 'sealgate-attack.invalid';

export const forwarded: Attack = {
  id: 'G4',
  title: 'forged X-Forwarded-*',
  why: 'A client says that it calls from inside, or for another path, and the check believes it.',
  mend: 'Drop these headers unless the connection comes from a proxy of yours; never let them decide who may pass.',
  severity: 'high',
  probes: ({ target, given, origin }) => {
    const [open = '/'] = given.openPaths;
    return [
      ...CLIENT_HEADERS.flatMap((name) =>
        INSIDE.map((address) => requestProbe(`${name}: ${address}, no token`, { target, headers: [[name, address]] })),
      ),
      requestProbe('forwarded: for=127.0.0.1, no token', {
        target,
        headers: [['forwarded', 'for=127.0.0.1;proto=https']],
      }),
      requestProbe('x-forwarded-host: localhost, no token', { target, headers: [['x-forwarded-host', 'localhost']] }),
      ...TARGET_HEADERS.map((name) =>
        requestProbe(`${name} to an open path, no token`, { target, headers: [[name, open]] }),
      ),
      ...TARGET_HEADERS.slice(0, 2).map((name) =>
        elsewhereProbe(`${name} from an open path, no token`, { target: open, headers: [[name, target]] }),
      ),
      ...['x-http-method-override', 'x-original-method', 'x-forwarded-method'].map((name) =>
        requestProbe(`${name}: OPTIONS, no token`, { target, headers: [[name, 'OPTIONS']] }),
      ),
      requestProbe('referer of the API itself, no token', { target, headers: [['referer', `${origin}/`]] }),
      {
        name: 'x-forwarded-host beside the token',
        attempt: (lab) => tryReflection(lab, ['x-forwarded-host', CANARY]),
      },
    ];
  },
};
