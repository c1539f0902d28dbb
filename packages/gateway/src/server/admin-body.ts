/** Reads the JSON body of a call to the admin port. */
import type { IncomingMessage } from 'node:http';

export type AdminBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly code: string; readonly detail: string };

/** A token of the largest size, a URL and headers. */
const LIMIT_BYTES = 128 * 1024;

/** The media type must be said: no page of another origin can send it without being asked for leave first. */
export async function readJsonBody(req: IncomingMessage): Promise<AdminBody> {
  if (!/^application\/json\s*(?:;|$)/iu.test(req.headers['content-type'] ?? '')) {
    return { ok: false, status: 415, code: 'media_type_unsupported', detail: 'Send the body as application/json.' };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LIMIT_BYTES) {
      return { ok: false, status: 413, code: 'body_too_large', detail: `The body may have ${LIMIT_BYTES} bytes.` };
    }
    chunks.push(chunk);
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { ok: false, status: 400, code: 'body_malformed', detail: 'The body is not JSON.' };
  }
}
