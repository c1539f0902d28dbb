/** T3: the public key, which everybody has, taken for an HMAC secret (RFC 8725 section 3.1; CVE-2016-10555, CVE-2023-48223). */
import type { Attack } from '../attack.ts';
import { forge, hmacSigner } from '../forge.ts';
import type { PublishedKey } from '../given.ts';
import { tokenProbe } from '../probes.ts';

export const publicKeyAsSecret: Attack = {
  id: 'T3',
  title: 'public key as HMAC secret',
  why: 'Whoever can read the published key can sign tokens for any user.',
  mend: 'Bind each key to one algorithm when it is loaded; never let the header choose between HMAC and a public key.',
  severity: 'critical',
  needs: 'the public key: --public-key FILE|URL',
  forges: true,
  probes: ({ given, subject }) =>
    given.publicKeys.flatMap((published) =>
      serialisations(published).flatMap(([name, secret]) =>
        algorithmsFor(name).map((alg) =>
          tokenProbe(
            `${alg} with ${name} as secret`,
            forge({ ...subject.header, alg }, subject.claims, hmacSigner(alg, secret)),
          ),
        ),
      ),
    ),
};

/** The long hashes only where the mistake is commonest: each form costs a request. */
function algorithmsFor(name: string): readonly string[] {
  return name === 'the PEM' ? ['HS256', 'HS384', 'HS512'] : ['HS256'];
}

function serialisations({ key, texts }: PublishedKey): readonly (readonly [name: string, secret: string | Buffer])[] {
  const pem = key.export({ type: 'spki', format: 'pem' });
  const jwk = key.export({ format: 'jwk' });
  const forms: (readonly [string, string | Buffer])[] = [
    ['the PEM', pem],
    ['the PEM without its last line break', pem.trimEnd()],
    ['the PEM with CRLF', pem.replaceAll('\n', '\r\n')],
    ['the PEM after a line of junk', `key\n${pem}`],
    ['the base64 inside the PEM', pem.replaceAll(/-----[^-]+-----|\s/gu, '')],
    ['the DER', key.export({ type: 'spki', format: 'der' })],
    ['the JWK', JSON.stringify(jwk)],
    ...texts.map((text, index) => [`the published text (${index + 1})`, text] as const),
  ];
  if (key.asymmetricKeyType === 'rsa') forms.push(['the PKCS #1 PEM', key.export({ type: 'pkcs1', format: 'pem' })]);
  for (const member of ['n', 'x'] as const) {
    const value = jwk[member];
    if (value !== undefined) forms.push([`the member "${member}" of the JWK`, Buffer.from(value, 'base64url')]);
  }
  return forms;
}
