/** Project Wycheproof's vectors for the signature schemes below JWS: (0,0), r and s out of range, wrong lengths, malleable forms. */
import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { importKey, type Algorithm } from '@sealgate/jwt';
import { verifySignature } from '../../../packages/jwt/src/jws/signature.ts';
import { wycheproof } from '../vectors.ts';

interface Group {
  readonly publicKeyPem: string;
  readonly tests: readonly {
    tcId: number;
    comment: string;
    msg: string;
    sig: string;
    result: 'valid' | 'invalid' | 'acceptable';
  }[];
}

const FILES: readonly [file: string, alg: Algorithm][] = [
  ['ecdsa_secp256r1_sha256_p1363', 'ES256'],
  ['ecdsa_secp384r1_sha384_p1363', 'ES384'],
  ['ecdsa_secp521r1_sha512_p1363', 'ES512'],
  ['ecdsa_secp256k1_sha256_p1363', 'ES256K'],
  ['ed25519', 'Ed25519'],
  ['ed448', 'Ed448'],
  ['rsa_signature_2048_sha256', 'RS256'],
  ['rsa_pss_2048_sha256_mgf1_32', 'PS256'],
];

describe.each(FILES)('%s', (file, alg) => {
  it(`is decided as the file says, all of it`, () => {
    const wrong: string[] = [];
    let seen = 0;
    for (const { publicKeyPem, tests } of wycheproof<Group>(file).testGroups) {
      const key = importKey(createPublicKey(publicKeyPem), { alg });
      for (const test of tests) {
        seen += 1;
        const verdict = verifySignature(key, Buffer.from(test.msg, 'hex'), Buffer.from(test.sig, 'hex'));
        // "Acceptable" are legacy forms (a missing NULL in PKCS #1): either verdict is right.
        if (test.result !== 'acceptable' && verdict !== (test.result === 'valid'))
          wrong.push(`${test.tcId} ${test.comment}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(seen).toBe(wycheproof<Group>(file).numberOfTests);
  });
});
