/**
 * A client's request and its response as the gateway uses them, whichever version of HTTP they came by (`http1/`, `http2/`), so that there is
 * one decision path.
 */

/** Where a request body comes from. */
export interface BodySource {
  /** Whether all of it has arrived. */
  readonly complete: boolean;
  /** Name, value, name, value, as they came behind the body; none before all of it has arrived. */
  readonly trailers: readonly string[];
  on(event: 'data', listener: (chunk: Buffer) => void): BodySource;
  on(event: 'end' | 'close', listener: () => void): BodySource;
  off(event: 'data', listener: (chunk: Buffer) => void): BodySource;
  off(event: 'end' | 'close', listener: () => void): BodySource;
  pause(): unknown;
  resume(): unknown;
}

export interface ClientRequest extends BodySource {
  readonly httpVersion: '1.0' | '1.1' | '2.0';
  readonly method: string;
  /** As it stood on the request line, or in `:path`. */
  readonly url: string;
  /** Name, value, name, value; one character an octet. */
  readonly rawHeaders: readonly string[];
}

export interface ClientResponse {
  readonly statusCode: number;
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  /** False: this connection, or stream, takes nothing more from the client once the response is sent. */
  shouldKeepAlive: boolean;
  /** @throws {TypeError} for fields that hold what no field may. */
  writeHead(status: number, fields: string[]): unknown;
  flushHeaders(): void;
  writeContinue(): void;
  /**
   * @param taken - Called once the chunk is not looked at any more.
   * @returns false when the client reads more slowly: `drain` follows.
   */
  write(chunk: Buffer, taken: () => void): boolean;
  addTrailers(fields: [string, string][]): void;
  end(): unknown;
  end(text: string): unknown;
  end(text: string, encoding: 'latin1'): unknown;
  /** Breaks off. */
  destroy(): unknown;
  on(event: 'close', listener: () => void): unknown;
  once(event: 'drain', listener: () => void): unknown;
}
