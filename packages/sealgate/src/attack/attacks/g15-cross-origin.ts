/** G15: pages of other origins that may read answers with the user's credentials (Fetch standard, CORS protocol). */
import type { Attack, Probe } from '../attack.ts';
import { bearer } from '../probes.ts';

export const crossOrigin: Attack = {
  id: 'G15',
  title: 'any origin may read answers',
  why: 'A page of anybody’s, open in the user’s browser, calls the API with the user’s cookies or certificate and reads the answer.',
  mend: 'Compare the Origin with an exact list; never reflect it, never allow "null".',
  severity: 'medium',
  probes: ({ origin }) => {
    const host = new URL(origin).hostname;
    return [
      ['a foreign origin', 'https://sealgate-attack.invalid'],
      [
        'an origin that begins like the API’s host',
        `https://${host.replaceAll(/[[\]]/gu, '')}.sealgate-attack.invalid`,
      ],
      ['the origin "null"', 'null'],
    ].map(([name = '', value = '']) => originProbe(name, value));
  },
};

function originProbe(name: string, value: string): Probe {
  return {
    name,
    async attempt(lab) {
      const { target, subject } = lab.scene;
      const answers = [
        await lab.send({ target, headers: [bearer(subject.token), ['origin', value]] }),
        await lab.send({
          target,
          method: 'OPTIONS',
          headers: [
            ['origin', value],
            ['access-control-request-method', 'GET'],
            ['access-control-request-headers', 'authorization'],
          ],
        }),
      ];
      const allowed = answers.some(
        (answer) =>
          answer?.headers['access-control-allow-origin'] === value &&
          answer.headers['access-control-allow-credentials'] === 'true',
      );
      return allowed ? { outcome: 'accepted', note: 'reflected, with credentials' } : { outcome: 'refused' };
    },
  };
}
