/** The head of an instance's HTTP/2 response, in the terms of any response (RFC 9113 section 8.3.2). */
import { DROPPED_FIELDS } from '../dropped-fields.ts';
import type { UpstreamResponse } from '../transport.ts';

const LENGTH = /^[0-9]{1,15}$/u;

/**
 * @param raw - Name, value, name, value, with `:status`; nghttp2 saw to it that it is well-formed.
 * @returns undefined when it contradicts itself.
 */
export function readResponseHead(raw: readonly string[]): UpstreamResponse | undefined {
  const fields: string[] = [];
  let status = 0;
  let contentLength = -1;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!;
    const value = raw[index + 1]!;
    if (name === ':status') {
      status = Number(value);
      continue;
    }
    if (name === 'content-length') {
      if (contentLength !== -1 || !LENGTH.test(value)) return undefined;
      contentLength = Number(value);
    }
    if (!DROPPED_FIELDS.has(name)) fields.push(name, value);
  }
  return status >= 200 && status <= 599 ? { status, fields, contentLength } : undefined;
}
