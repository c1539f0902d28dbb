/** One request over an HTTP/2 connection, and all that came back. */
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: string;
  /** Set when the stream was reset. */
  readonly reset: number;
}

export function ask(
  over: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = over.request(headers, { endStream: body === undefined });
    let got: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    let text = '';
    stream.on('response', (head) => (got = head)).on('trailers', (fields) => (trailers = fields));
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).on('error', () => undefined);
    stream.on('close', () =>
      resolve({ status: Number(got[':status'] ?? 0), headers: got, trailers, body: text, reset: stream.rstCode ?? 0 }),
    );
    if (body !== undefined) stream.end(body);
  });
}
