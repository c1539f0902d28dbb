/** What of an upstream's answer to an upgrade reaches the client: all but the hop-by-hop fields (RFC 9110 section 7.6.1). */
import type { IncomingHttpHeaders } from 'node:http';
import { DROPPED_FIELDS } from './dropped-fields.ts';

/**
 * Name, value, name, value.
 *
 * @param headers - As undici parsed them: lower-case names, lists where a field was repeated.
 */
export function responseFields(headers: IncomingHttpHeaders): string[] {
  const fields: string[] = [];
  const named = headers.connection === undefined ? undefined : connectionOptions(headers.connection);
  for (const name in headers) {
    if (DROPPED_FIELDS.has(name) || named?.has(name) === true) continue;
    const value = headers[name];
    if (typeof value === 'string') fields.push(name, value);
    else if (value !== undefined) for (const item of value) fields.push(name, item);
  }
  return fields;
}

function connectionOptions(connection: string | readonly string[]): ReadonlySet<string> | undefined {
  if (connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(
    String(connection)
      .split(',')
      .map((option) => option.trim().toLowerCase())
      // What frames or types the message is not the connection's to take away.
      .filter((option) => option !== 'content-length' && option !== 'content-type'),
  );
}
