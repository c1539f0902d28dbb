/** How a request gets to an instance and its response back, whichever version of HTTP the instance speaks. */
import type { Dialer } from './dialer.ts';
import type { RequestBody } from './request-body.ts';

/** Why a request failed. */
export type UpstreamFault =
  | 'unreachable'
  | 'connect_timeout'
  | 'header_timeout'
  | 'idle_timeout'
  | 'broke_off'
  | 'malformed_response'
  | 'body_failed';

export interface UpstreamResponse {
  readonly status: number;
  /** Name (lower case), value, name, value: what may go to the client, without hop-by-hop fields and `x-request-id`. */
  readonly fields: string[];
  /** Bytes of the body; -1 when the head does not say. */
  readonly contentLength: number;
}

/** Who sent the request gets its response. */
export interface ResponseHandler {
  /** The final response's head; interim responses are not reported. */
  onHead(head: UpstreamResponse): void;
  /** The octets are only good during the call. Use `pause` when they come too fast. */
  onData(buffer: Buffer, start: number, end: number): void;
  /** @param trailers - Name, value, name, value. */
  onEnd(trailers: readonly string[]): void;
  /** @param sent - Whether the upstream may have acted on any of the request. */
  onFault(fault: UpstreamFault, sent: boolean): void;
}

export interface OutgoingRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Value of `host` or `:authority`. */
  readonly host: string;
  /** Name, value, name, value: all fields but `host` and those of the connection. */
  readonly fields: readonly string[];
  readonly body: RequestBody | undefined;
  /** The body is of a length that nobody said. */
  readonly chunked: boolean;
}

/** A request on its way. */
export interface Sending {
  /** Stops reading until `resume`: the client cannot keep up. */
  pause(): void;
  resume(): void;
  /** Gives up; the handler hears nothing more. */
  abort(): void;
}

/** The connections to one instance. */
export interface Transport {
  send(request: OutgoingRequest, handler: ResponseHandler): Sending;
  /** Open connections. */
  readonly size: number;
  /** Lets requests under way end, unless forced, then closes. */
  close(force: boolean): Promise<void>;
  /** Uses connections to other addresses no more once their requests have ended. */
  keepOnly(isCurrent: (address: string) => boolean): void;
}

export interface TransportOptions {
  readonly dialer: Dialer;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** Longest silence before the response head, and within the body. */
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}
