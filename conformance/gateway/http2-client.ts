/** One request over an HTTP/2 connection, and all that came back; or the same in the shape of `fetch`. */
import { constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';

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

/** As `fetch`, for GET. Rejects where the stream was reset. */
export function getOver(
  session: ClientHttp2Session,
  path: string,
  { headers = {}, signal }: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...headers, ':path': path });
    signal?.addEventListener('abort', () => stream.close(constants.NGHTTP2_CANCEL));
    const chunks: Buffer[] = [];
    let got: IncomingHttpHeaders = {};
    stream.on('response', (head) => (got = head)).on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      const status = Number(got[':status'] ?? 0);
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || status === 0) {
        reject(new Error(`the stream was reset: ${stream.rstCode}`));
        return;
      }
      const fields = Object.entries(got).flatMap(([name, value]): [string, string][] =>
        name.startsWith(':') || value === undefined ? [] : [[name, String(value)]],
      );
      resolve(new Response(Buffer.concat(chunks), { status, headers: fields }));
    });
  });
}
