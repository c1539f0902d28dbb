/**
 * Explains requests by a configuration that nobody serves: the same routes, policies and decision as a gateway of it, with the keys of its
 * issuers. Nothing listens, no upstream is reached, and no feed is followed, so that revocations are not known.
 */
import type { IssuerOptions } from '@sealgate/guard';
import { createGatewayTrust } from '../config/gateway-trust.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { standIn } from '../config/stand-in.ts';
import { issuerOptions } from '../config/trust-options.ts';
import { createGateway } from '../gateway.ts';
import type { AskedRequest } from './asked-request.ts';
import type { ExplainedRequest, ExplainedStep } from './explain-request.ts';

export interface RehearsalOptions {
  readonly config: GatewayConfig;
  /** JWK sets by the name of their issuer, instead of those that it publishes. */
  readonly keySets?: Readonly<Record<string, unknown>>;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

export interface Rehearsal {
  /** @throws {GatewayError} `explain_invalid`. */
  explain(asked: AskedRequest): Promise<ExplainedRequest>;
  close(): Promise<void>;
}

const NOBODY = 'http://127.0.0.1:9';
/** An issuer that does not answer leaves its keys unknown, which the explanation then says. */
const READY_WITHIN_MS = 5000;

/** @throws {GatewayError}, {GuardError} as `createGateway`. */
export async function createRehearsal({ config, keySets = {}, now }: RehearsalOptions): Promise<Rehearsal> {
  const issuers = Object.entries(issuerOptions(config.issuers)).map(([name, issuer]): [string, IssuerOptions] => [
    name,
    { ...issuer, revocation: { feed: 'none' } },
  ]);
  const trust = createGatewayTrust({ issuers: Object.fromEntries(issuers), now, fetch: fetchWith(keySets, issuers) });
  try {
    const gateway = await createGateway({ config: standIn(config, NOBODY), trust, now });
    await Promise.race([trust.ready, elapsed(READY_WITHIN_MS)]);
    return {
      async explain(asked) {
        const { steps, ...rest } = await gateway.explain(asked);
        return { ...rest, steps: steps.map(withoutFeed) };
      },
      async close() {
        await gateway.close();
        await trust.close();
      },
    };
  } catch (error) {
    await trust.close();
    throw error;
  }
}

function withoutFeed(step: ExplainedStep): ExplainedStep {
  if (step.rule !== 'revocation' || !step.passed) return step;
  return Object.assign({}, step, { why: 'not asked: only a gateway that runs hears of revocations' });
}

/** Answers for the issuers whose keys are given; asks the others. */
function fetchWith(
  keySets: Readonly<Record<string, unknown>>,
  issuers: readonly (readonly [string, IssuerOptions])[],
): typeof globalThis.fetch {
  const answers = new Map<string, unknown>();
  for (const [name, { url }] of issuers) {
    if (!Object.hasOwn(keySets, name)) continue;
    const address = `${url.replace(/\/$/u, '')}/given-keys`;
    answers.set(address, keySets[name]);
    answers.set(new URL(url).host, { issuer: url, jwks_uri: address });
  }
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const answer = answers.get(url.href) ?? answers.get(url.host);
    return answer === undefined ? fetch(input, init) : Promise.resolve(Response.json(answer));
  };
}

function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
