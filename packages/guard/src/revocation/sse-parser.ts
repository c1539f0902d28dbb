/**
 * Server-sent events: bytes to events (WHATWG HTML, section 9.2.6, "Interpreting an event stream").
 *
 * Follows that grammar (all three line ends, one BOM, comments, unknown fields ignored) and is stricter where leniency could
 * lose an event: the bytes must be UTF-8, and an event that outgrows its bound ends the stream instead of being cut. Memory is
 * bounded by `maxEventBytes`; each byte is looked at once, however the stream is cut into chunks.
 */
import { GuardError } from '../errors.ts';

/** One dispatched event. */
export interface ServerSentEvent {
  /** `message` unless the stream names it. */
  readonly event: string;
  readonly data: string;
  /** The id given with this event; undefined when it gave none. */
  readonly id: string | undefined;
}

export interface SseParserOptions {
  /** Largest event, counted in characters of its lines. */
  readonly maxEventBytes: number;
  readonly onEvent: (event: ServerSentEvent) => void;
}

export interface SseParser {
  /** @throws {GuardError} `feed_too_large`, `feed_malformed`; the parser is of no use afterwards. */
  push(chunk: Uint8Array): void;
}

const LF = 0x0a;
const CR = 0x0d;

export function createSseParser({ maxEventBytes, onEvent }: SseParserOptions): SseParser {
  // Removes a leading byte order mark, and refuses what is not UTF-8.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  /** Pieces of the line that has not ended yet; joined once, so that a long line in many chunks stays linear. */
  let pieces: string[] = [];
  let size = 0;
  let afterCr = false;
  let event = '';
  let data: string[] = [];
  let id: string | undefined;

  const grow = (length: number): void => {
    size += length;
    if (size > maxEventBytes) {
      throw new GuardError('feed_too_large', {
        detail: `an event of the feed is larger than ${maxEventBytes} characters`,
      });
    }
  };

  const dispatch = (): void => {
    // Without data there is nothing to dispatch; the event's name and id are forgotten all the same.
    const ready = data.length > 0 ? { event: event === '' ? 'message' : event, data: data.join('\n'), id } : undefined;
    event = '';
    data = [];
    id = undefined;
    size = 0;
    if (ready !== undefined) onEvent(ready);
  };

  const endLine = (tail: string): void => {
    pieces.push(tail);
    const line = pieces.length === 1 ? tail : pieces.join('');
    pieces = [];
    if (line === '') {
      dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1);
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };

  const take = (text: string): void => {
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === LF && afterCr) {
        // The second half of CR LF.
        afterCr = false;
        start = at + 1;
        continue;
      }
      afterCr = code === CR;
      if (code !== LF && code !== CR) continue;
      grow(at - start);
      endLine(text.slice(start, at));
      start = at + 1;
    }
    if (start < text.length) {
      grow(text.length - start);
      pieces.push(text.slice(start));
    }
  };

  return {
    push(chunk) {
      let text: string;
      try {
        text = decoder.decode(chunk, { stream: true });
      } catch (cause) {
        throw new GuardError('feed_malformed', { detail: 'the feed is not UTF-8', cause });
      }
      take(text);
    },
  };
}
