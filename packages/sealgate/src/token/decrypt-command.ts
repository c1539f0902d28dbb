/** `sealgate token decrypt`: what is inside an encrypted token, for whoever has the key. A nested signature is shown, not verified. */
import { isJwtError } from '@sealgate/jwt';
import { CONTENT_ENCRYPTIONS, decryptJwe, isContentEncryption } from '@sealgate/jwt/jwe';
import { misuse } from '../command-error.ts';
import { parseContentEncryption, parseEncryptionAlgorithm } from '../command-line/algorithm-option.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { importEncryptionKey } from '../keys/import-key-source.ts';
import type { KeyOptions } from '../keys/import-key-source.ts';
import { safeJson } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { renderMembers } from './render-members.ts';
import { renderRefusal } from './render-refusal.ts';
import { renderContent } from './render-token.ts';
import { readToken } from './token-input.ts';

export interface RawDecryptOptions extends KeyOptions {
  readonly algorithm?: string;
  readonly enc?: readonly string[];
  readonly raw?: boolean;
  readonly json?: boolean;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function decryptCommand(
  argument: string | undefined,
  options: RawDecryptOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const algorithm = options.algorithm === undefined ? undefined : parseEncryptionAlgorithm(options.algorithm);
  const encryptions =
    options.enc?.map(parseContentEncryption) ?? Object.keys(CONTENT_ENCRYPTIONS).filter(isContentEncryption);
  const token = await readToken(argument, io);
  const key = await importEncryptionKey(options, algorithm, io);
  if (key.type === 'public') throw misuse('this is a public key, which encrypts; decrypting needs the private one');
  const style = styleFor(io);
  try {
    const { header, plaintext } = await decryptJwe(token, key, { algorithms: [key.alg], encryptions });
    const text = new TextDecoder().decode(plaintext);
    const view = { nowSeconds: io.nowSeconds(), style, columns: io.columns };
    if (options.raw === true) io.stdout(text.endsWith('\n') ? text : `${text}\n`);
    else if (options.json === true) io.stdout(`${safeJson({ decrypted: true, header, content: contentOf(text) })}\n`);
    else {
      io.stdout(
        `${style.good('decrypted')}: nothing inside is known to be true until its signature is verified\n\n` +
          `${style.bold('Outer header')}\n${renderMembers(header, view)}\n${renderContent(text, view)}`,
      );
    }
    return EXIT.yes;
  } catch (error) {
    if (!isJwtError(error)) throw error;
    io.stdout(renderRefusal(error, options.json === true, 'not decrypted', style));
    return EXIT.no;
  }
}

/** Claims as an object, a nested token or other text as it is. */
function contentOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
