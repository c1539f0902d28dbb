/**
 * The file that holds a wrapped master key: one JSON object, `{ "version": 1, "store", "key", "wrapped" }`, the bytes in base64url.
 * Not secret, but without it the master key is gone: it belongs in the backup beside the database.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { IssuerError } from '../errors.ts';
import { createKeyFile } from '../secrets/master-key.ts';
import type { KeyWrapper, WrappedKey } from './key-wrapper.ts';

const LARGEST_FILE_BYTES = 64 * 1024;

const contentSchema = z.strictObject({
  version: z.literal(1),
  store: z.enum(['awsKms', 'googleKms', 'azureKeyVault']),
  key: z.string().min(1),
  wrapped: z.base64url().min(1),
});

/**
 * The wrapped key, or `undefined` if there is no such file.
 *
 * @throws {IssuerError} `master_key_missing`: it cannot be read; `master_key_malformed`.
 */
export function readWrappedKey(file: string, store: KeyWrapper['store']): WrappedKey | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const content = parseContent(text);
  if (content === undefined) {
    throw new IssuerError('master_key_malformed', `${file} does not hold a wrapped master key`);
  }
  if (content.store !== store) {
    throw new IssuerError(
      'master_key_malformed',
      `${file} was wrapped by ${content.store}, and ${store} is configured`,
    );
  }
  return { key: content.key, bytes: Buffer.from(content.wrapped, 'base64url') };
}

/** Makes the file, durably; leaves one that is there already. */
export function createWrappedKeyFile(file: string, store: KeyWrapper['store'], { key, bytes }: WrappedKey): void {
  const wrapped = Buffer.from(bytes).toString('base64url');
  createKeyFile(file, JSON.stringify({ version: 1, store, key, wrapped } satisfies z.input<typeof contentSchema>));
}

function readText(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new IssuerError('master_key_missing', `${file} cannot be read`, { cause });
  }
  if (bytes.length > LARGEST_FILE_BYTES) throw new IssuerError('master_key_malformed', `${file} is larger than 64kb`);
  return bytes.toString('utf8');
}

function parseContent(text: string): z.output<typeof contentSchema> | undefined {
  try {
    return contentSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
