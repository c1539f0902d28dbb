/**
 * The controls, before any attack: the valid token is accepted; no token and garbage are refused, and the two kinds of answer can be told
 * apart. Without that, no later answer means anything.
 */
import { CommandError } from '../../command-error.ts';
import { bearer } from '../probes.ts';
import type { Answer, Header, PlainRequest } from '../wire/http-exchange.ts';
import { createJudge } from './judge.ts';
import type { Judge } from './judge.ts';

type Send = (request: PlainRequest) => Promise<Answer | undefined>;

/** What no verifier may take: not three parts, three parts of nothing, and a well-formed header with nothing behind. */
const GARBAGE = ['garbage', 'aaaa.bbbb.cccc', 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA'];

/** @throws {CommandError} `cannot_judge`. */
export async function learnToJudge(send: Send, target: string, token: string): Promise<Judge> {
  const ask = async (what: string, headers: readonly Header[]): Promise<Answer> => {
    const answer = await send({ target, headers });
    if (answer === undefined) throw cannotJudge(`${what} got no answer; is the address right, and the API up?`);
    return answer;
  };
  const authorised = [
    await ask('the request with the valid token', [bearer(token)]),
    await ask('the request with the valid token', [bearer(token)]),
  ] as const;
  for (const { status } of authorised) {
    if (status >= 300 || status < 200) {
      throw cannotJudge(
        `the valid token was answered with ${status}, not 2xx; take a fresh token, and a path that it may GET`,
      );
    }
  }
  const without = await ask('the request without a token', []);
  const garbage: Answer[] = [];
  for (const text of GARBAGE) garbage.push(await ask('the request with a garbage token', [bearer(text)]));
  const judge = createJudge({ authorised, refused: [without, ...garbage] });
  // Judged by what the others taught, not by itself: a refusal must be recognised, not only remembered.
  const openJudge = createJudge({ authorised, refused: [] });
  if (openJudge(without).outcome === 'accepted') {
    throw cannotJudge('a request without a token gets what the valid token gets; take a path that needs one');
  }
  if (garbage.some((answer) => openJudge(answer).outcome === 'accepted')) {
    throw cannotJudge('a garbage token gets what the valid token gets; take a path where the token decides');
  }
  for (const answer of [without, ...garbage]) {
    const { outcome } = judge(answer);
    if (outcome !== 'refused') {
      throw cannotJudge(`the answer to no token or garbage was no refusal (${answer.status}); is the API healthy?`);
    }
  }
  return judge;
}

export function cannotJudge(reason: string): CommandError {
  return new CommandError('cannot_judge', `cannot judge: ${reason}`);
}
