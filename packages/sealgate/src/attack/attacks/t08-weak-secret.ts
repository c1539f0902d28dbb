/** T8: an HMAC secret from a word list, found without asking the API (RFC 7518 section 3.2; CVE-2019-20933). */
import { createHmac } from 'node:crypto';
import type { Attack } from '../attack.ts';
import { forge, hmacSigner } from '../forge.ts';
import { tokenProbe } from '../probes.ts';
import type { Subject } from '../subject.ts';
import { WEAK_SECRETS } from '../weak-secrets.ts';

export const weakSecret: Attack = {
  id: 'T8',
  title: 'guessable HMAC secret',
  why: 'Whoever guesses the secret, on a machine of their own, signs tokens for any user.',
  mend: 'Use a random secret as long as the hash (32 bytes for HS256), or better an asymmetric key; change it now.',
  severity: 'critical',
  forges: true,
  probes: ({ subject }) => {
    const { header, claims, alg } = subject;
    const forged = (name: string, hmac: string, secret: string) =>
      tokenProbe(name, forge({ ...header, alg: hmac }, { ...claims, sealgate_attack: true }, hmacSigner(hmac, secret)));
    if (/^HS(?:256|384|512)$/u.test(alg)) {
      const secret = crackSecret(subject);
      // The secret is a key: the report says where it stands, not what it is.
      return [
        ...(secret === undefined ? [] : [forged('forged with the secret that the word list gave', alg, secret)]),
        forged('forged with an empty secret', alg, ''),
      ];
    }
    return ['', 'secret', 'your-256-bit-secret'].map((secret) =>
      forged(`HS256 with the secret ${JSON.stringify(secret)} in place of ${alg}`, 'HS256', secret),
    );
  },
};

function crackSecret({ parts, signature, alg }: Subject): string | undefined {
  const input = `${parts[0]}.${parts[1]}`;
  return WEAK_SECRETS.find((word) =>
    createHmac(`sha${alg.slice(2)}`, word)
      .update(input)
      .digest()
      .equals(signature),
  );
}
