/**
 * The stream of sealed events, as JSON lines, for a collector outside: each line is the event with its number and hash, so that the
 * collector sees a gap, and holds what the database cannot take back. A process writes what it sealed itself; lines that it could not write before
 * it died are the gap, and `sealgate audit list` has them.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ChainRow } from './chain.ts';

export type AuditStreamTarget = { readonly kind: 'stdout' } | { readonly kind: 'file'; readonly path: string };

/** One event as it is streamed and listed. */
export function auditLine({ seq, mac, body }: ChainRow): string {
  return `{"seq":${seq},"mac":"${mac}",${body.slice(1)}`;
}

/** Writes batches of rows to the target. A file is opened for each batch, so that it can be rotated under a running issuer. */
export function openAuditStream(target: AuditStreamTarget): (rows: readonly ChainRow[]) => void {
  if (target.kind === 'file') mkdirSync(path.dirname(target.path), { recursive: true, mode: 0o700 });
  return (rows) => {
    const text = rows.map((row) => `${auditLine(row)}\n`).join('');
    if (target.kind === 'stdout') process.stdout.write(text);
    else appendFileSync(target.path, text, { mode: 0o600 });
  };
}
