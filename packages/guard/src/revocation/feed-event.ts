/**
 * The events of the revocation feed, from server-sent events to typed values (docs/feed.md).
 *
 * Strict: what is not an event of the protocol ends the connection. An event whose name is unknown is skipped, so that an
 * issuer may learn new ones before its verifiers do.
 */
import { GuardError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { parseRecord, type RevocationRecord } from './record.ts';
import type { ServerSentEvent } from './sse-parser.ts';
import type { LogPosition } from './view.ts';

/** First on every connection. */
export interface HelloEvent {
  readonly event: 'hello';
  /** Names this connection in confirmations. */
  readonly connection: string;
  /** The newest position of the issuer's log at this moment. */
  readonly position: LogPosition;
  readonly heartbeatSeconds: number;
}

/** More of a snapshot that has not ended. */
export interface SnapshotPartEvent {
  readonly event: 'snapshot-part';
  readonly records: readonly RevocationRecord[];
}

/** The end of a snapshot: with the parts before it, everything alive at this position. */
export interface SnapshotEvent {
  readonly event: 'snapshot';
  readonly position: LogPosition;
  readonly records: readonly RevocationRecord[];
}

export interface ChangeEvent {
  readonly event: 'change';
  readonly log: string;
  readonly record: RevocationRecord;
}

/** The issuer's whole key set, as of now. */
export interface KeysEvent {
  readonly event: 'keys';
  readonly jwks: JsonObject;
}

export interface HeartbeatEvent {
  readonly event: 'heartbeat';
  readonly seq: number;
}

export type FeedEvent = HelloEvent | SnapshotPartEvent | SnapshotEvent | ChangeEvent | KeysEvent | HeartbeatEvent;

/** It becomes part of a header field (`Last-Event-ID`), so its characters are few. */
const LOG_ID = /^[A-Za-z0-9._~-]{1,128}$/;
const CONNECTION_ID = /^[\x21-\x7e]{1,256}$/;
const MAX_HEARTBEAT_SECONDS = 300;

/**
 * @returns undefined for an event that this version does not know.
 * @throws {GuardError} `feed_malformed`, naming the event and the member; never its content.
 */
export function parseFeedEvent({ event, data, id }: ServerSentEvent): FeedEvent | undefined {
  switch (event) {
    case 'hello': {
      const body = parseBody(event, data);
      return {
        event,
        connection: text(body, 'connection', event, CONNECTION_ID),
        position: position(body, event),
        heartbeatSeconds: positive(body, 'heartbeatSeconds', event),
      };
    }
    case 'snapshot-part':
      return { event, records: records(parseBody(event, data), event) };
    case 'snapshot': {
      const body = parseBody(event, data);
      const at = position(body, event);
      if (id !== formatPosition(at)) malformed(event, 'has another id than its position');
      return { event, position: at, records: records(body, event) };
    }
    case 'change': {
      const record = parseRecord(parseBody(event, data));
      const log = id?.slice(0, id.lastIndexOf(':')) ?? '';
      if (!LOG_ID.test(log) || id !== formatPosition({ log, seq: record.seq }))
        malformed(event, 'has no id of the form <log>:<seq>');
      return { event, log, record };
    }
    case 'keys':
      return { event, jwks: parseBody(event, data) };
    case 'heartbeat':
      return { event, seq: seqOf(parseBody(event, data), event) };
    default:
      return undefined;
  }
}

/** The id of an event at this position; also the value of `Last-Event-ID`. */
export function formatPosition({ log, seq }: LogPosition): string {
  return `${log}:${seq}`;
}

function parseBody(event: string, data: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch {
    // The parser's message quotes what it read.
    return malformed(event, 'is not JSON');
  }
  return isJsonObject(body) ? body : malformed(event, 'is not a JSON object');
}

function position(body: JsonObject, event: string): LogPosition {
  return { log: text(body, 'log', event, LOG_ID), seq: seqOf(body, event) };
}

function records(body: JsonObject, event: string): readonly RevocationRecord[] {
  const list = body['records'];
  return Array.isArray(list) ? list.map((item) => parseRecord(item)) : malformed(event, 'has no list "records"');
}

function seqOf(body: JsonObject, event: string): number {
  const seq = body['seq'];
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0)
    return malformed(event, 'has no whole number "seq"');
  return seq;
}

function positive(body: JsonObject, member: string, event: string): number {
  const value = body[member];
  const usable = typeof value === 'number' && value > 0 && value <= MAX_HEARTBEAT_SECONDS;
  return usable ? value : malformed(event, `has no usable "${member}"`);
}

function text(body: JsonObject, member: string, event: string, pattern: RegExp): string {
  const value = body[member];
  return typeof value === 'string' && pattern.test(value) ? value : malformed(event, `has no usable "${member}"`);
}

function malformed(event: string, what: string): never {
  throw new GuardError('feed_malformed', { detail: `event "${event}" ${what}` });
}
