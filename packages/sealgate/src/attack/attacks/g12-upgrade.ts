/** G12: an upgrade to WebSocket that goes past the check (RFC 6455 section 4.2.2). */
import { randomBytes } from 'node:crypto';
import type { Attack, Probe } from '../attack.ts';
import { bearer } from '../probes.ts';
import type { Header } from '../wire/http-exchange.ts';

export const upgrade: Attack = {
  id: 'G12',
  title: 'WebSocket past the check',
  why: 'Upgrades often travel another way through a server than requests do: without a token, to everything behind it.',
  mend: 'Check the token before the upgrade, with the same function; close the stream when the token dies.',
  severity: 'critical',
  probes: ({ target, given }) => {
    const path = given.websocketPath ?? target;
    return [upgradeProbe('no token', path, []), upgradeProbe('a garbage token', path, [bearer('garbage')])];
  },
};

function upgradeProbe(name: string, target: string, headers: readonly Header[]): Probe {
  return {
    name,
    async attempt(lab) {
      const answer = await lab.upgrade({
        target,
        headers: [
          ['connection', 'upgrade'],
          ['upgrade', 'websocket'],
          ['sec-websocket-version', '13'],
          ['sec-websocket-key', randomBytes(16).toString('base64')],
          ...headers,
        ],
      });
      if (answer?.status === 101) return { outcome: 'accepted', note: 'upgraded' };
      // To hang up without a word is a refusal too.
      return answer === undefined ? { outcome: 'refused' } : lab.judge(answer);
    },
  };
}
