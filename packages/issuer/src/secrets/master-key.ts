/**
 * The master key: 32 bytes from which every other key of the issuer is derived. Kept in a file of its own (made on first start, for its
 * owner only) or in an environment variable; never in the database, so that a copy of the database reveals no secret.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Secret } from '@sealgate/service';
import { IssuerError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

const KEY_BYTES = 32;
const GROUP_AND_OTHERS = 0o077;

/** Holds the key and gives out derived ones. Prints without it. */
export class MasterKey {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new IssuerError('master_key_malformed');
    this.#bytes = Buffer.from(bytes);
  }

  /** A key for one purpose (RFC 5869, HKDF with SHA-256). Another purpose gives an unrelated key. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, Buffer.alloc(0), `sealgate/${purpose}`, KEY_BYTES));
  }

  /** HMAC-SHA256 under the master key itself, as the built-in verifier credential is defined. */
  mac(text: string): Buffer {
    return createHmac('sha256', this.#bytes).update(text).digest();
  }

  toJSON(): string {
    return '[redacted]';
  }
}

/**
 * Reads the master key; makes the file if it is one that is not there.
 *
 * @throws {IssuerError} `master_key_missing`, `master_key_malformed`, `master_key_exposed`.
 */
export function openMasterKey(reference: Secret, runtime: Runtime): MasterKey {
  const { source } = reference;
  if (source.kind !== 'file') return parseMasterKey(reference.reveal());
  try {
    return parseMasterKey(readPrivateFile(source.path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  createKeyFile(source.path, Buffer.from(runtime.random(KEY_BYTES)).toString('base64url'));
  // Read back: of two processes that start at once, one has made the file that counts.
  return parseMasterKey(readPrivateFile(source.path));
}

function parseMasterKey(text: string): MasterKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64url');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64url') !== trimmed)
    throw new IssuerError('master_key_malformed');
  return new MasterKey(bytes);
}

function readPrivateFile(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & GROUP_AND_OTHERS) !== 0) {
      throw new IssuerError('master_key_exposed', `${file} can be read by others than its owner: chmod 600 ${file}`);
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Whole or not at all: written beside its place, made durable, then linked. Leaves a file of this name that is there already. */
export function createKeyFile(file: string, content: string): void {
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${content}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new IssuerError('master_key_missing', `${file} cannot be made`, { cause: error });
    }
  } finally {
    unlinkSync(draft);
  }
  const folderDescriptor = openSync(folder, 'r');
  try {
    fsyncSync(folderDescriptor);
  } finally {
    closeSync(folderDescriptor);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
