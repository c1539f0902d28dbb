import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Principal } from '../decision/principal.ts';
import type { RevocationKind } from '../revocation/record.ts';
import { createRevocationView, type RevocationView } from '../revocation/view.ts';
import { createTokenWatch, type TokenDeath, type TokenWatch } from './token-watch.ts';

const START = 1_800_000_000;

const principal = (sessionId: string, expiresAtSeconds = START + 600): Principal =>
  new Principal(
    {
      token: 'a.b.c',
      issuer: 'https://id.test',
      issuerName: 'main',
      claims: {},
      expiresAtSeconds,
      tokenRef: {
        issuedAtSeconds: START,
        statusList: '1',
        statusIndex: 7,
        sessionId,
        subject: 'alice',
        clientId: 'web',
        kid: 'k1',
      },
    },
    { subject: ['sub'], clientId: [['client_id']], scopes: [['scope']], roles: [['roles']] },
  );

let view: RevocationView;
let watch: TokenWatch;
let seq: number;
let deaths: string[];

const follow = (sessionId: string, expiresAtSeconds?: number): (() => void) =>
  watch.watch(principal(sessionId, expiresAtSeconds), (death: TokenDeath) => deaths.push(`${sessionId} ${death}`));

const revoke = (kind: RevocationKind, id: string, before = START + 1): void => {
  seq += 1;
  view.applyChange({ seq, kind, id, before, expires: START + 600 });
};

beforeEach(() => {
  vi.useFakeTimers({ now: START * 1000 });
  deaths = [];
  seq = 0;
  const now = (): number => Date.now() / 1000;
  view = createRevocationView({ now });
  view.applySnapshot({ log: 'L', seq }, []);
  watch = createTokenWatch({ view, now, clockSkewSeconds: 5 });
});

afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

describe('a stream that outlives its decision (ATTACKS.md G12)', () => {
  it.each([
    ['token', '1:7'],
    ['session', 's1'],
    ['subject', 'alice'],
    ['client', 'web'],
    ['key', 'k1'],
  ] as const)('ends at once when its %s is revoked, once', (kind, id) => {
    follow('s1');
    revoke(kind, id);
    revoke('subject', 'alice');
    expect(deaths).toEqual(['s1 revoked']);
  });

  it('goes on when others are revoked, or its holder was before it was issued', () => {
    follow('s1');
    revoke('session', 's2');
    revoke('token', '1:8');
    revoke('family', 's1');
    revoke('subject', 'alice', START);
    expect(deaths).toEqual([]);
  });

  it('ends when a snapshot revokes it', () => {
    follow('s1');
    follow('s2');
    view.applySnapshot({ log: 'M', seq: 9 }, [
      { seq: 9, kind: 'session', id: 's2', before: START + 1, expires: START + 60 },
    ]);
    expect(deaths).toEqual(['s2 revoked']);
  });

  it('ends when its token does, with the skew that verification allows', () => {
    follow('s1', START + 60);
    vi.advanceTimersByTime(64_999);
    expect(deaths).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(deaths).toEqual(['s1 expired']);
  });

  it('lives as long as a token may, beyond what one timer can wait', () => {
    follow('s1', START + 40 * 86_400);
    vi.advanceTimersByTime(39 * 86_400_000);
    expect(deaths).toEqual([]);
    vi.advanceTimersByTime(2 * 86_400_000);
    expect(deaths).toEqual(['s1 expired']);
  });

  it('ends on the next tick when its token died between the decision and the watch', () => {
    revoke('session', 's1');
    follow('s1');
    expect(deaths).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(deaths).toEqual(['s1 revoked']);
  });

  it('is not followed any more once told so, or closed', () => {
    const stop = follow('s1');
    follow('s2');
    stop();
    watch.close();
    revoke('subject', 'alice');
    vi.advanceTimersByTime(700_000);
    expect(deaths).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
