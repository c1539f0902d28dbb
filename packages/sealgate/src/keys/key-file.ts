/**
 * Where a command writes a key: a new file, or standard output where that was asked for. A file with a private key is its owner's alone, and no
 * file is replaced by accident.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { CommandError, misuse } from '../command-error.ts';
import type { CommandIo } from '../io.ts';

export interface KeyTarget {
  /** A file, or `-` for standard output. */
  readonly out: string;
  readonly force: boolean;
  readonly isPrivate: boolean;
}

const OWNER_ONLY = 0o600;
const EVERYBODY = 0o644;

/** @throws {CommandError} `output_refused`, `argument_invalid` for bytes that no terminal can show. */
export function writeKey(content: string | Uint8Array, { out, force, isPrivate }: KeyTarget, io: CommandIo): void {
  if (out === '-') {
    if (typeof content !== 'string') throw misuse('this format is no text: write it to a file with --out FILE');
    io.stdout(content);
    return;
  }
  const mode = isPrivate ? OWNER_ONLY : EVERYBODY;
  try {
    if (force) replace(out, content, mode);
    else writeFileSync(out, content, { mode, flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = code === 'EEXIST' ? 'it is there already; --force replaces it' : `it cannot be written (${code})`;
    throw new CommandError('output_refused', `${out}: ${reason}`);
  }
}

/** Whole or not at all, and with the mode of a new file whatever the old one had. */
function replace(file: string, content: string | Uint8Array, mode: number): void {
  const beside = `${file}.${process.pid}.new`;
  rmSync(beside, { force: true });
  writeFileSync(beside, content, { mode, flag: 'wx' });
  renameSync(beside, file);
}
