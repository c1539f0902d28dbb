/** Runs checks that take time, and hands out only the answer to the latest question. */
import { useEffect, useState } from 'react';
import { type Decryption, decrypt } from '../crypto/jwe.ts';
import type { KeyReading } from '../crypto/key-text.ts';
import { type Verification, verifySignature } from '../crypto/verify.ts';
import type { Inspection } from '../model/inspect.ts';

/** The result of `work` for the present `inputs`; `undefined` while it is being worked out. */
export function useLatest<T>(work: () => Promise<T>, inputs: readonly unknown[]): T | undefined {
  const [state, setState] = useState<{ readonly inputs: readonly unknown[]; readonly result: T }>();
  useEffect(() => {
    let isLatest = true;
    const run = async () => {
      const result = await work();
      if (isLatest) setState({ inputs, result });
    };
    void run();
    return () => {
      isLatest = false;
    };
    // The inputs are all that the work depends on.
  }, inputs);
  const isPresent = state !== undefined && state.inputs.every((input, index) => Object.is(input, inputs[index]));
  return isPresent ? state.result : undefined;
}

export function useVerification(
  inspection: Inspection,
  reading: KeyReading,
  keyText: string,
): Verification | undefined {
  return useLatest(
    () => verifySignature(inspection.header?.node, inspection.signed, reading, keyText),
    [inspection, reading, keyText],
  );
}

/** The first key that decrypts, or the last failure; `undefined` without keys or while it is being worked out. */
export function useDecryption({ header, encrypted }: Inspection, reading: KeyReading): Decryption | undefined {
  return useLatest(async () => {
    if (encrypted === undefined) return undefined;
    let last: Decryption | undefined;
    for (const { jwk } of reading.keys) {
      const outcome = await decrypt(header?.node, encrypted, jwk);
      if ('plaintext' in outcome) return outcome;
      // A key of the wrong kind says less than one that was tried.
      if (last === undefined || outcome.failure !== 'key-kind') last = outcome;
    }
    return last;
  }, [header, encrypted, reading]);
}
