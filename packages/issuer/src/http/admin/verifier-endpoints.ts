/** `/admin/v1/verifiers`: who follows the feed, and how far each has come. */
import { endpoint, type Endpoint } from './endpoint.ts';
import { verifiersSchema } from './schemas.ts';
import { wireVerifier } from './wire.ts';

export const VERIFIER_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listVerifiers',
    method: 'GET',
    path: '/verifiers',
    summary: 'Verifiers that follow the feed, what each has confirmed and when.',
    answer: verifiersSchema,
    handle: async ({ admin }) => {
      const newest = await admin.newestRevocation();
      const items = admin.verifiers().map((verifier) => wireVerifier(verifier, newest));
      const others = admin.peers().map(({ process, verifiers, confirmedSeq }) => {
        const lag = verifiers === 0 ? 0 : Math.max(0, newest - confirmedSeq);
        return { process, verifiers, confirmed_seq: confirmedSeq, lag };
      });
      return { body: { newest_seq: newest, items, other_processes: others } };
    },
  }),
];
