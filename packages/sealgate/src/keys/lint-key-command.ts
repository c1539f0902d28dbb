/** `sealgate keys lint`: what is broken or unwise about a key, a key set or a shared secret. Nothing of it is quoted. */
import { lintKey } from '@sealgate/jwt';
import type { Finding } from '@sealgate/jwt/lint';
import { misuse } from '../command-error.ts';
import { readSource } from '../command-line/source.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { styleFor } from '../terminal/style.ts';
import { renderFindings } from '../token/render-findings.ts';
import { readKeyMaterial } from './key-material.ts';
import { keyObjectOf } from './key-object.ts';
import { keysOfSet } from './key-set.ts';
import { readSecretBytes } from './secret-bytes.ts';

export interface RawLintKeyOptions {
  readonly secret?: string;
  readonly secretEncoding?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Rules about what only a JWK says. */
const ABOUT_MEMBERS: ReadonlySet<string> = new Set(['kid-missing', 'alg-missing', 'use-missing']);

/** Exit code 1: something is wrong; with `--strict` also what is merely unwise. @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function lintKeyCommand(
  reference: string | undefined,
  options: RawLintKeyOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if ((reference === undefined) === (options.secret === undefined)) {
    throw misuse('give the key: a file, env:NAME or "-", or a shared secret with --secret');
  }
  const findings = reference === undefined ? await lintSecret(options, io) : await lintFile(reference, io);
  io.stdout(options.json === true ? `${JSON.stringify(findings, null, 2)}\n` : renderFindings(findings, styleFor(io)));
  const fails = options.strict === true ? ['error', 'warning'] : ['error'];
  return findings.some(({ severity }) => fails.includes(severity)) ? EXIT.no : EXIT.yes;
}

async function lintSecret(options: RawLintKeyOptions, io: CommandIo): Promise<readonly Finding[]> {
  const { bytes } = await readSecretBytes(options.secret ?? '', options.secretEncoding, io);
  return lintKey(new Uint8Array(bytes));
}

async function lintFile(reference: string, io: CommandIo): Promise<readonly Finding[]> {
  const source = await readSource(reference, io);
  const material = readKeyMaterial(source);
  if (material.form === 'jwk') return lintKey(material.jwk);
  if (material.form === 'jwks') {
    return keysOfSet(material.set, source.name).flatMap((jwk, index) =>
      lintKey(jwk).map((finding): Finding => Object.assign({}, finding, { what: `Key ${index}: ${finding.what}` })),
    );
  }
  const object = keyObjectOf(material);
  if (object === undefined) {
    const why = 'Nothing can be done with it.';
    return [
      { rule: 'malformed', severity: 'error', what: 'No key can be read from it.', why, mend: 'Export it again.' },
    ];
  }
  return lintKey({ ...object.export({ format: 'jwk' }) }).filter(({ rule }) => !ABOUT_MEMBERS.has(rule));
}
