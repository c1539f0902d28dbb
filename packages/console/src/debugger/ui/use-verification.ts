/** Runs checks that take time, and hands out only the answer to the latest question. */
import { useEffect, useMemo, useState } from 'react';
import { type Decryption, decrypt } from '../crypto/jwe.ts';
import type { KeyReading } from '../crypto/key-text.ts';
import { type Verification, verdictWithoutTrial, verifySignature } from '../crypto/verify.ts';
import type { EncryptedContent, Inspection } from '../model/inspect.ts';

/** The result of `work` for the present `inputs`; `undefined` while it is being worked out, or if there is no work. */
export function useLatest<T>(work: (() => Promise<T>) | undefined, inputs: readonly unknown[]): T | undefined {
  const [state, setState] = useState<{ readonly inputs: readonly unknown[]; readonly result: T }>();
  useEffect(() => {
    if (work === undefined) return undefined;
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
  { header, signed }: Inspection,
  reading: KeyReading,
  keyText: string,
): Verification | undefined {
  const without = useMemo(() => verdictWithoutTrial(header?.node, signed, reading), [header, signed, reading]);
  const tried = useLatest(
    without === undefined ? () => verifySignature(header?.node, signed, reading, keyText) : undefined,
    [header, signed, reading, keyText],
  );
  return without ?? tried;
}

/** The first key that decrypts, or the last failure; `undefined` without keys or while it is being worked out. */
export function useDecryption({ header, encrypted }: Inspection, reading: KeyReading): Decryption | undefined {
  const tryKeys = async (content: EncryptedContent) => {
    let last: Decryption | undefined;
    for (const { jwk } of reading.keys) {
      const outcome = await decrypt(header?.node, content, jwk);
      if ('plaintext' in outcome) return outcome;
      // A key of the wrong kind says less than one that was tried.
      if (last === undefined || outcome.failure !== 'key-kind') last = outcome;
    }
    return last;
  };
  return useLatest(encrypted && (() => tryKeys(encrypted)), [header, encrypted, reading]);
}
