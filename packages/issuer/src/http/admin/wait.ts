/** The parameter `wait`: for how long an answer waits for the verifiers. */
import type { WaitOption } from '../../admin/context.ts';

export function waitMs({ wait }: { readonly wait?: number | undefined }): WaitOption {
  return { waitMs: wait === undefined ? undefined : wait * 1000 };
}
