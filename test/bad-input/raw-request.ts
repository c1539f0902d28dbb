/** Requests that `fetch` would not send, and answers that come before all of the request was sent. */
import { request } from 'node:http';

export interface RawRequest {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn: a name may stand twice. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export function rawRequest({ method, url, headers = [], body }: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  // The target as written: a URL object would put it into its normal form.
  const path = url.slice(url.indexOf('/', 'http://'.length));
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const length = body === undefined || hasLength(headers) ? [] : ['content-length', String(Buffer.byteLength(body))];
  const sent = request({
    method,
    hostname,
    port,
    path,
    headers: ['host', `${hostname}:${port}`, ...headers, ...length],
  });
  let answered = false;
  sent.on('response', (response) => {
    answered = true;
    const chunks: Buffer[] = [];
    const done = () =>
      resolve({
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        text: Buffer.concat(chunks).toString('latin1'),
      });
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', done);
    // A server that has answered may hang up on the rest of the body.
    response.on('error', done);
  });
  sent.on('error', (error) => {
    if (!answered) reject(error);
  });
  sent.end(body);
  return promise;
}

function hasLength(headers: readonly string[]): boolean {
  return headers.some((name, index) => index % 2 === 0 && /^(?:content-length|transfer-encoding)$/iu.test(name));
}
