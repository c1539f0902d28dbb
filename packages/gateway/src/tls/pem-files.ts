/**
 * Certificates and keys from files: read whole or refused with the file's name, and read again when what they hold changes.
 *
 * Contents are compared every few seconds rather than watched: it sees files that are replaced by renaming, by a link that moves
 * (as orchestrators mount secrets), and on network file systems, all alike.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { GatewayError } from '../errors.ts';

/** @throws {GatewayError} `tls_unusable` naming the file. */
export function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new GatewayError('tls_unusable', `${file} cannot be read (${reason})`, { cause });
  }
}

/** Whether anybody on the machine may read the file: no place for a private key. */
export function isOpenToAll(file: string): boolean {
  return (statSync(file).mode & 0o007) !== 0;
}

export interface PemWatch {
  /** Looks now. */
  check(): void;
  close(): void;
}

const LOOK_EVERY_MS = 2000;

/**
 * @param onChange - Called when the content of any of the files is another than last time, and again while it fails: files are often
 * replaced one after the other.
 */
export function watchPemFiles(files: readonly string[], onChange: () => void): PemWatch {
  let known = fingerprint(files);
  const check = (): void => {
    const now = fingerprint(files);
    if (now === known) return;
    known = now;
    onChange();
  };
  const timer = setInterval(check, LOOK_EVERY_MS).unref();
  return { check, close: () => clearInterval(timer) };
}

function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    try {
      hash.update(readFileSync(file)).update('\0');
    } catch {
      hash.update('\0\0');
    }
  }
  return hash.digest('base64');
}
