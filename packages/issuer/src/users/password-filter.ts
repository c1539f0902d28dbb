/**
 * A filter of passwords that are known from breaches, made from a list of their SHA-1 hashes (the form of Have I Been Pwned's downloads: a hash in
 * hexadecimal a line, with or without `:COUNT`), and asked without a network. A Bloom filter in blocks of 64 bytes: a question
 * reads one block of the file and holds none of it in memory.
 *
 * Layout: `SGPWF001`, the number of blocks (8 bytes, big endian), then the blocks. Bytes 0 to 7 of a hash choose the block; the ten 9-bit
 * numbers at its end choose the bits. At 16 bits an entry about one password in 900 that is not in the list is taken for one that is.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { IssuerError } from '../errors.ts';

const MAGIC = Buffer.from('SGPWF001');
const HEADER_BYTES = 16;
const BLOCK_BYTES = 64;
const BLOCK_BITS = BLOCK_BYTES * 8;
const BITS_PER_ENTRY = 16;
const PROBES = 10;
const LINE = /^([0-9a-f]{40})(?::\d+)?$/iu;

/** An open filter. */
export class PasswordFilter {
  readonly #file: FileHandle;
  readonly #blocks: bigint;

  private constructor(file: FileHandle, blocks: bigint) {
    this.#file = file;
    this.#blocks = blocks;
  }

  /** @throws {IssuerError} `password_filter_invalid`. */
  static async open(path: string): Promise<PasswordFilter> {
    assertFilter(path);
    const file = await open(path, 'r');
    const { size } = await file.stat();
    return new PasswordFilter(file, BigInt((size - HEADER_BYTES) / BLOCK_BYTES));
  }

  /** Whether the list had this password; seldom also true of one that it had not. */
  async has(password: string): Promise<boolean> {
    const hash = createHash('sha1').update(password.normalize('NFC')).digest();
    const block = Buffer.alloc(BLOCK_BYTES);
    const at = HEADER_BYTES + blockOf(hash, this.#blocks) * BLOCK_BYTES;
    await this.#file.read(block, 0, BLOCK_BYTES, at);
    return bitsOf(hash).every((bit) => ((block[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * Makes a filter of a list, in two passes over it; needs two bytes of memory for each entry.
 *
 * @returns how many entries it has.
 * @throws {IssuerError} `password_list_invalid`, naming the line.
 */
export async function buildPasswordFilter(list: string, output: string): Promise<number> {
  let entries = 0;
  for await (const _hash of hashesOf(list)) entries++;
  if (entries === 0) throw new IssuerError('password_list_invalid', `${list} has no hash`);
  const blocks = Math.ceil((entries * BITS_PER_ENTRY) / BLOCK_BITS);
  const filter = Buffer.alloc(HEADER_BYTES + blocks * BLOCK_BYTES);
  MAGIC.copy(filter);
  filter.writeBigUInt64BE(BigInt(blocks), MAGIC.length);
  for await (const hash of hashesOf(list)) {
    const base = HEADER_BYTES + blockOf(hash, BigInt(blocks)) * BLOCK_BYTES;
    for (const bit of bitsOf(hash)) {
      const at = base + (bit >> 3);
      filter[at] = (filter[at] ?? 0) | (1 << (bit & 7));
    }
  }
  // Whole or not at all: an issuer may be reading the one of before.
  writeFileSync(`${output}.new`, filter);
  renameSync(`${output}.new`, output);
  return entries;
}

/** Lines are of one short form, so a line that is longer than it is refused before it is read whole. */
async function* hashesOf(list: string): AsyncGenerator<Buffer> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(list), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line === '') continue;
    const [, hash] = LINE.exec(line) ?? [];
    if (hash === undefined) {
      throw new IssuerError('password_list_invalid', `${list}:${number}: expected a SHA-1 hash in hexadecimal`);
    }
    yield Buffer.from(hash, 'hex');
  }
}

/** SHA-1 is uniform: its first 8 bytes, scaled to the number of blocks. */
function blockOf(hash: Buffer, blocks: bigint): number {
  return Number((hash.readBigUInt64BE(0) * blocks) >> 64n);
}

function bitsOf(hash: Buffer): number[] {
  let rest = (hash.readBigUInt64BE(8) << 32n) | BigInt(hash.readUInt32BE(16));
  return Array.from({ length: PROBES }, () => {
    const bit = Number(rest & 511n);
    rest >>= 9n;
    return bit;
  });
}

function assertFilter(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw new IssuerError('password_filter_invalid', `${path} cannot be read`, { cause: error });
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
    const length = BigInt(HEADER_BYTES) + header.readBigUInt64BE(MAGIC.length) * BigInt(BLOCK_BYTES);
    const isWhole = header.subarray(0, MAGIC.length).equals(MAGIC) && length === BigInt(fstatSync(descriptor).size);
    if (!isWhole || length === BigInt(HEADER_BYTES)) {
      throw new IssuerError('password_filter_invalid', `${path} is no filter: make it with "sealgate passwords"`);
    }
  } finally {
    closeSync(descriptor);
  }
}
