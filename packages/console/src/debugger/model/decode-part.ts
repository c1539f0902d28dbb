/**
 * One base64url part of a token, decoded as far as it goes: bytes, text, JSON, and each fault at its place in the pasted text.
 */
import { readBase64url } from './base64url.ts';
import { type Fault, type Span, fault } from './fault.ts';
import { type JsonFault, type JsonNode, lineAndColumn, scanJson } from './json-scan.ts';
import { tokenJsonFaults } from './token-json.ts';
import { readUtf8, utf8Length } from './utf8.ts';

export type PartName =
  | 'header'
  | 'payload'
  | 'signature'
  | 'encrypted-key'
  | 'iv'
  | 'ciphertext'
  | 'tag'
  | 'disclosure'
  | 'key-binding'
  | 'extra';

/** A run of characters of the token, coloured as one. */
export interface TokenPart {
  readonly name: PartName;
  readonly span: Span;
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A part that should hold JSON. */
export interface DecodedPart extends TokenPart {
  /** The bytes as UTF-8, with U+FFFD for what is not. */
  readonly json: string;
  readonly isUtf8: boolean;
  /** What could be read of it. */
  readonly node: JsonNode | undefined;
  /** Whether the whole text is one JSON value. */
  readonly complete: boolean;
  readonly faults: readonly Fault[];
  /** The characters of the token that carry characters `start` to `end` of the JSON text. */
  readonly locate: (start: number, end?: number) => Span;
}

/** Where character `index` of the token stands in the pasted text. */
export type Place = (index: number) => number;

/** Decodes a part without looking into it. `from` is its offset in the token. */
export function decodeBytes(name: PartName, text: string, from: number, place: Place): TokenPart & { faults: Fault[] } {
  const { bytes, faults } = readBase64url(text, from);
  const span = { start: place(from), end: place(from + text.length) };
  const moved = faults.map((each) => {
    const at = each.span && { start: place(each.span.start), end: place(each.span.end) };
    return fault(each.severity, each.code, at, { ...each.data, part: name });
  });
  return { name, span, text, bytes, faults: moved };
}

/** Decodes a part that should hold JSON. `raw`: the part is the text itself (RFC 7797). */
export function decodeJson(name: PartName, text: string, from: number, place: Place, raw = false): DecodedPart {
  const part = raw ? { ...rawPart(name, text, from, place), faults: [] } : decodeBytes(name, text, from, place);
  const digits = raw ? 1 : 4 / 3;
  const { text: json, invalidAt } = readUtf8(part.bytes);
  const faults = [...part.faults];
  const spanOfBytes = (start: number, end: number): Span => ({
    start: place(from + Math.min(text.length, Math.floor(start * digits))),
    end: place(from + Math.min(text.length, Math.ceil(end * digits))),
  });
  const locate = (start: number, end = start + 1): Span => {
    const first = utf8Length(json, start);
    return spanOfBytes(first, first + Math.max(1, utf8Length(json.slice(start, end), end - start)));
  };
  if (invalidAt !== undefined) {
    const byte = (part.bytes[invalidAt] ?? 0).toString(16).padStart(2, '0').toUpperCase();
    faults.push(
      fault('error', 'utf8-invalid', spanOfBytes(invalidAt, invalidAt + 1), {
        part: name,
        byte,
        position: invalidAt + 1,
      }),
    );
  }
  const marked = json.startsWith('\uFEFF');
  if (marked) faults.push(fault('error', 'utf8-bom', spanOfBytes(0, 3), { part: name }));
  const skip = marked ? 1 : 0;
  const reading = scanJson(json.slice(skip));
  const complete = reading.node !== undefined && !reading.faults.some((each) => STOPS.has(each.code));
  // Bytes that do not even begin as JSON are content of another kind; a syntax fault for each would only be noise.
  const foreign = reading.node === undefined || (reading.node.type === 'number' && !complete);
  if (!foreign) faults.push(...reading.faults.map((each) => translate(each, name, json, skip, locate)));
  for (const { code, at, length, limit } of reading.node === undefined ? [] : tokenJsonFaults(reading.node)) {
    faults.push(fault('error', code, locate(at + skip, at + skip + length), { part: name, limit }));
  }
  return { ...part, json, isUtf8: invalidAt === undefined, node: reading.node, complete, faults, locate };
}

function rawPart(name: PartName, text: string, from: number, place: Place): TokenPart {
  const span = { start: place(from), end: place(from + text.length) };
  return { name, span, text, bytes: new TextEncoder().encode(text) };
}

const STOPS = new Set(['json-syntax', 'json-ends-early', 'json-after-end', 'json-too-complex']);

function translate(
  each: JsonFault,
  part: PartName,
  json: string,
  skip: number,
  locate: (start: number, end?: number) => Span,
): Fault {
  const at = each.at + skip;
  const length = each.code === 'json-duplicate' ? each.found.length + 2 : 1;
  const data = { part, ...lineAndColumn(json, at), found: each.found.slice(0, 80), expected: each.expected };
  return fault('error', each.code, locate(Math.min(at, json.length), at + length), data);
}
