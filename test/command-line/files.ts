/** The files that the cases name: keys, claims and tokens, among them one of a careless issuer. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportPrivateJwk, generateKey } from '@sealgate/jwt';
import { exportEncryptionJwk, exportPrivateEncryptionJwk } from '@sealgate/jwt/jwe';
import { run } from '../../packages/sealgate/test/run-command.ts';

export interface Secrets {
  /** What is typed where a shared secret is asked for: 32 bytes in base64url. */
  readonly shared: string;
  /** Texts that nobody may see. */
  readonly hidden: readonly string[];
}

/** Writes all of them. @param access - A token that the demonstration accepts. */
export async function writeFiles(folder: string, access: string): Promise<Secrets> {
  const at = (name: string): string => path.join(folder, name);
  const write = (name: string, content: string): void => writeFileSync(at(name), content, { mode: 0o600 });
  const shared = randomBytes(32).toString('base64url');
  const privateJwk = exportPrivateJwk(generateKey('ES256', { kid: 'k1' }));
  const recipient = generateKey('ECDH-ES+A256KW');
  const recipientJwk = exportPrivateEncryptionJwk(recipient);
  const strong = hmacToken(shared);
  write('access.jwt', access);
  write('claims.json', '{"sub":"alice","aud":"orders"}');
  write('private.jwk', JSON.stringify(privateJwk));
  write('recipient.jwk', JSON.stringify(recipientJwk));
  write('recipient-public.jwk', JSON.stringify(exportEncryptionJwk(recipient)));
  write('weak.jwt', hmacToken(GUESSABLE));
  write('strong.jwt', strong);
  write('hashes.txt', `${createHash('sha1').update('password').digest('hex').toUpperCase()}:9\n`);
  write('password.txt', PASSWORD);
  write('broken.yaml', 'version: 1\nrutes: []\n');
  const encrypt = async (...options: readonly string[]): Promise<string> =>
    (await run(['token', 'encrypt', at('claims.json'), ...options], { variables: { SHARED: shared } })).stdout;
  write('encrypted.jwt', await encrypt('--key', at('recipient-public.jwk')));
  write(
    'shared.jwe',
    await encrypt('--secret', 'env:SHARED', '--secret-encoding', 'base64url', '--algorithm', 'A256KW'),
  );
  const members = [privateJwk, recipientJwk].map((jwk) => String({ ...jwk }['d' as keyof typeof jwk]));
  return { shared, hidden: [shared, GUESSABLE, PASSWORD, ...members, signatureOf(access), signatureOf(strong)] };
}

const PASSWORD = 'a password that stands in a file';
const GUESSABLE = 'your-256-bit-secret';

/** Signed as a careless issuer would: the library refuses to sign with a short secret. */
function hmacToken(secret: string): string {
  const part = (text: string) => Buffer.from(text).toString('base64url');
  const input = `${part('{"alg":"HS256"}')}.${part('{"sub":"alice"}')}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const signatureOf = (token: string): string => token.split('.').at(-1) ?? '';
