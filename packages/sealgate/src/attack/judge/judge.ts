/**
 * What an answer means, learned from controls: what the valid token gets, and what a request without a token or with garbage gets. A status
 * alone says little (there are APIs that answer 200 to everything), so the body must look like the authorised one too.
 */
import type { Tried } from '../attack.ts';
import type { Answer } from '../wire/http-exchange.ts';
import { similarity } from './similarity.ts';

export type Judge = (answer: Answer | undefined) => Tried;

export interface Controls {
  /** Two answers to the valid token: how far they differ from each other is what a third may. */
  readonly authorised: readonly [Answer, Answer];
  readonly refused: readonly Answer[];
}

/** How much less alike than two authorised answers an accepted one may be. */
const TOLERANCE = 0.7;

export function createJudge({ authorised, refused }: Controls): Judge {
  const [model, second] = authorised;
  const enough = TOLERANCE * similarity(model.body, second.body);
  return (answer) => {
    if (answer === undefined) return { outcome: 'broken', note: 'no answer' };
    const { status, body } = answer;
    if (status >= 500) return { outcome: 'broken', note: `answered ${status}` };
    if (status === 429) return { outcome: 'unclear', note: 'answered 429: the API limits the rate; lower --rate' };
    if (classOf(status) !== classOf(model.status)) return { outcome: 'refused' };
    const likeness = Math.max(similarity(body, model.body), similarity(body, second.body));
    const rivals = refused.filter((refusal) => classOf(refusal.status) === classOf(status));
    const rival = Math.max(0, ...rivals.map((refusal) => similarity(body, refusal.body)));
    if (rivals.length > 0 && rival >= likeness) return { outcome: 'refused' };
    if (likeness >= enough) return { outcome: 'accepted' };
    return { outcome: 'unclear', note: `answered ${status} with a body like neither` };
  };
}

function classOf(status: number): number {
  return Math.floor(status / 100);
}
