/** T22: tokens that cost more to read than to send (CVE-2025-61920, CVE-2025-27144). Refused is right; a server error or a long wait is not. */
import type { Attack, Lab, Probe, Tried } from '../attack.ts';
import { encodePart } from '../forge.ts';
import { bearer } from '../probes.ts';
import type { Answer } from '../wire/http-exchange.ts';

const LONGEST_MS = 2000;
/** How many times slower than the authorised request. */
const SLOWER = 20;

export const huge: Attack = {
  id: 'T22',
  title: 'token that exhausts its reader',
  why: 'One request without any right keeps the API busy or brings it down.',
  mend: 'Bound the size of a token before it is split, and its depth and members before it is used; treat every failure as a refusal.',
  severity: 'medium',
  probes: ({ subject }) => {
    const [header, payload, signature] = subject.parts;
    const inHeader = (extra: string) =>
      `${encodePart(JSON.stringify(subject.header).replace(/\}$/u, `,${extra}}`))}.${payload}.${signature}`;
    const inPayload = (extra: string) =>
      `${header}.${encodePart(JSON.stringify(subject.claims).replace(/\}$/u, `,${extra}}`))}.${signature}`;
    const nested = (depth: number) => `"a":${'['.repeat(depth)}${']'.repeat(depth)}`;
    const members = Array.from({ length: 800 }, (_, index) => `"m${index}":1`).join(',');
    return [
      survives('1 MB of one character', 'a'.repeat(1_000_000)),
      survives('10,000 full stops', '.'.repeat(10_000)),
      survives('a header nested 4,000 deep', inHeader(nested(4000))),
      survives('a payload nested 4,000 deep', inPayload(nested(4000))),
      survives('800 members more in the payload', inPayload(members)),
      survives('"__proto__" in the header', inHeader('"__proto__":{"alg":"none","kid":"x"}')),
      survives('"__proto__" in the payload', inPayload('"__proto__":{"sub":"admin"}')),
      survives('"constructor" in the header', inHeader('"constructor":{"prototype":{"alg":"none"}}')),
      survives('a signature of 6 KB', `${header}.${payload}.${'A'.repeat(6000)}`),
    ];
  },
};

function survives(name: string, token: string): Probe {
  return {
    name,
    async attempt(lab) {
      const answer = await lab.send({ target: lab.scene.target, headers: [bearer(token)] });
      return answer === undefined ? afterSilence(lab) : judged(lab, answer);
    },
  };
}

async function judged(lab: Lab, answer: Answer): Promise<Tried> {
  if (answer.status >= 500) return { outcome: 'accepted', note: `a server error: ${answer.status}` };
  if (answer.milliseconds > LONGEST_MS) {
    // A machine that is busy with other things is slow for everybody.
    const { target, subject } = lab.scene;
    const plain = await lab.send({ target, headers: [bearer(subject.token)] });
    if (answer.milliseconds > SLOWER * (plain?.milliseconds ?? 0)) {
      return { outcome: 'accepted', note: `${Math.round(answer.milliseconds)} ms for a refusal` };
    }
  }
  const { outcome, note } = lab.judge(answer);
  // Taken in good time is no fault here: what was not needed may be ignored.
  return outcome === 'unclear' && note !== undefined ? { outcome, note } : { outcome: 'refused' };
}

/** A server may hang up on what is too large. It must still be there for others. */
async function afterSilence(lab: Lab): Promise<Tried> {
  const { target, subject } = lab.scene;
  const answer = await lab.send({ target, headers: [bearer(subject.token)] });
  if (lab.judge(answer).outcome === 'accepted') return { outcome: 'refused', note: 'hung up' };
  return { outcome: 'accepted', note: 'the API no longer answers' };
}
