/**
 * `sealgate token verify --signature-only`: who signed these bytes, whatever they say. A yes here lets nobody in: issuer, audience, times and kind are
 * left open, and the answer says so.
 */
import { verifyJws, isJwtError } from '@sealgate/jwt';
import type { Key, VerifiedJws } from '@sealgate/jwt';
import { misuse } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { importJwks, importSignatureKey } from '../keys/import-key-source.ts';
import { safeJson, safeText } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { renderRefusal } from './render-refusal.ts';
import type { KeysFrom, VerifyOptions } from './verify-options.ts';

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function verifySignatureCommand(
  token: string,
  { keysFrom, algorithms, json }: Pick<VerifyOptions, 'keysFrom' | 'algorithms' | 'json'>,
  io: CommandIo,
): Promise<ExitCode> {
  const keys = await keysOf(keysFrom, algorithms, io);
  const style = styleFor(io);
  let verified: VerifiedJws;
  try {
    verified = verifyJws(token, keys);
  } catch (error) {
    if (!isJwtError(error)) throw error;
    io.stdout(renderRefusal(error, json, 'not valid', style));
    return EXIT.no;
  }
  const { header, key } = verified;
  const unchecked = ['issuer', 'audience', 'times', 'kind', 'revocation'];
  if (json) io.stdout(`${safeJson({ signature: 'valid', header, kid: key.kid, unchecked })}\n`);
  else {
    const by = key.kid === undefined ? '' : ` by the key ${safeText(key.kid)}`;
    io.stdout(`${style.good('the signature is right')}: ${key.alg}${by}\nNot checked: ${unchecked.join(', ')}.\n`);
  }
  return EXIT.yes;
}

async function keysOf(from: KeysFrom, algorithms: VerifyOptions['algorithms'], io: CommandIo): Promise<readonly Key[]> {
  if (from.kind === 'key') return [await importSignatureKey(from.options, algorithms?.[0], io)];
  if (from.kind === 'jwks-file') return importJwks(from.file, algorithms, io);
  throw misuse('--signature-only takes keys that are here: --key, --secret, or a JWK set in a file with --jwks');
}
