/**
 * Whether a header that was sent comes back in an answer. An API that shows every header it got (an echo) says nothing by that: a header of
 * no meaning is tried beside it.
 */
import type { Lab, Tried } from './attack.ts';
import { bearer } from './probes.ts';
import type { Answer, Header } from './wire/http-exchange.ts';

const MEANINGLESS = 'x-sealgate-attack';

/** Accepted if the value comes back under this name, and not under one without a meaning. */
export async function tryReflection(lab: Lab, header: Header): Promise<Tried> {
  const [, value] = header;
  const { target, subject } = lab.scene;
  const ask = (one: Header) => lab.send({ target, headers: [bearer(subject.token), one] });
  const answer = await ask(header);
  if (!holds(answer, value)) return answer === undefined ? lab.judge(answer) : { outcome: 'refused' };
  if (holds(await ask([MEANINGLESS, value]), value)) return { outcome: 'refused', note: 'the API shows every header' };
  return { outcome: 'accepted', note: 'the forged value came back in the answer' };
}

function holds(answer: Answer | undefined, value: string): boolean {
  return (
    answer !== undefined &&
    (answer.body.includes(value) || Object.values(answer.headers).some((text) => text.includes(value)))
  );
}
