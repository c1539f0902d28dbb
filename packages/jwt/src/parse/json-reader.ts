/**
 * Reads JSON in one pass over its bytes (RFC 8259), narrowed to what a token may hold (RFC 7493, I-JSON).
 *
 * Beyond the grammar it refuses: repeated names, invalid UTF-8, a byte order mark, lone surrogates, U+0000, numbers beyond a double,
 * a member named `__proto__`, nesting and members past the limits. `JSON.parse` says nothing about most of these, and checking
 * around it costs more than doing its work. Runs in a browser.
 */
import { refusal, type JwtError, type TokenPart } from '../errors.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { ParseLimits } from './limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;

/** 1 for bytes that are a character in a string, and stand for themselves. */
const PLAIN = new Uint8Array(256);
for (let byte = 0x20; byte < 0x80; byte++) PLAIN[byte] = byte === QUOTE || byte === BACKSLASH ? 0 : 1;

// What is not UTF-8 is found by the reader, byte by byte; `ignoreBOM` keeps a mark visible instead of dropping it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Member names met lately, two to a hash of theirs: tokens repeat them, and the engine finds a member faster by a string it has met.
 * Which name is in which slot changes how fast a text is read, never what it means.
 */
const knownNames: string[] = Array.from({ length: 1024 }, () => '');
const LONGEST_KNOWN_NAME = 32;

/** Reads one value and nothing after it; it is frozen at every depth. @returns Or the refusal: `json_*`. */
export function readJson(bytes: Uint8Array, part: TokenPart, limits: ParseLimits): JsonValue | JwtError {
  return new JsonReader(bytes, part, limits).read();
}

/** Its methods give `undefined`, or -1 for an offset, once there is a fault: throwing costs more than all of the reading. */
class JsonReader {
  private at = 0;
  private error: JwtError | undefined;
  private members = 0;
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly part: TokenPart;
  private readonly limits: ParseLimits;
  private readonly text: string;
  /** True when offsets in `text` are those in `bytes`: in ASCII, as other valid UTF-8 has more bytes than characters. */
  private readonly aligned: boolean;

  constructor(bytes: Uint8Array, part: TokenPart, limits: ParseLimits) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.part = part;
    this.limits = limits;
    this.text = decoder.decode(bytes);
    this.aligned = this.text.length === bytes.length;
  }

  read(): JsonValue | JwtError {
    this.space();
    const value = this.value(0);
    this.space();
    if (this.error === undefined && this.at !== this.end) this.fault(this.at, 'text after the value');
    return this.error ?? value!;
  }

  private fault(offset: number, reason: string): undefined {
    return this.refuse(refusal('json_invalid', { part: this.part, offset, reason }));
  }

  /** Remembers the first fault and why; the reading ends. */
  private refuse(error: JwtError): undefined {
    this.error ??= error;
  }

  private byte(at: number): number {
    return at < this.end ? this.bytes[at]! : -1;
  }

  private space(): void {
    for (let byte = this.byte(this.at); byte <= 0x20; byte = this.byte(++this.at)) {
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    }
  }

  private value(depth: number): JsonValue | undefined {
    const byte = this.byte(this.at);
    if (byte === QUOTE) return this.string();
    if (byte === 0x7b) return this.object(depth + 1);
    if (byte === 0x5b) return this.array(depth + 1);
    if (byte === MINUS || isDigit(byte)) return this.number();
    if (byte === 0x74) return this.word('true', true);
    if (byte === 0x66) return this.word('false', false);
    if (byte === 0x6e) return this.word('null', null);
    return this.fault(this.at, byte === 0xef && this.at === 0 ? 'byte order mark' : 'a value was expected');
  }

  private object(depth: number): JsonObject | undefined {
    const object: Record<string, JsonValue> = {};
    let more = this.open(depth, 0x7d);
    while (more) more = this.member(object, depth) && this.goesOn(0x7d);
    return this.error === undefined ? Object.freeze(object) : undefined;
  }

  /** True when a member was read. */
  private member(object: Record<string, JsonValue>, depth: number): boolean {
    const from = this.at;
    const name = this.byte(from) === QUOTE ? this.name() : this.fault(from, 'a member name was expected');
    if (name === undefined || !this.mayBeAdded(name, object, from)) return false;
    this.space();
    if (this.byte(this.at) !== COLON) return this.fault(this.at, 'a colon was expected') ?? false;
    this.at++;
    this.space();
    const value = this.value(depth);
    if (value === undefined) return false;
    object[name] = value;
    return true;
  }

  private mayBeAdded(name: string, object: object, offset: number): boolean {
    // An own member of this name turns a later copy of the object into one with another prototype.
    if (name === '__proto__') this.fault(offset, 'a member is named __proto__');
    else if (Object.hasOwn(object, name)) this.refuse(refusal('json_duplicate_member', { part: this.part, offset }));
    else if (++this.members > this.limits.jsonMembers) this.tooComplex('members', this.limits.jsonMembers);
    else return true;
    return false;
  }

  private array(depth: number): readonly JsonValue[] | undefined {
    const array: JsonValue[] = [];
    let more = this.open(depth, 0x5d);
    while (more) {
      const value = this.value(depth);
      if (value === undefined) return undefined;
      array.push(value);
      more = this.goesOn(0x5d);
    }
    return this.error === undefined ? Object.freeze(array) : undefined;
  }

  /** Goes past an opening bracket. True when something is in the brackets. */
  private open(depth: number, closing: number): boolean {
    if (depth > this.limits.jsonDepth) return this.tooComplex('depth', this.limits.jsonDepth) ?? false;
    this.at++;
    this.space();
    if (this.byte(this.at) !== closing) return true;
    this.at++;
    return false;
  }

  /** Goes past a comma or the closing bracket. True for a comma. */
  private goesOn(closing: number): boolean {
    this.space();
    const byte = this.byte(this.at);
    if (byte === COMMA) {
      this.at++;
      this.space();
      return true;
    }
    if (byte === closing) this.at++;
    else this.fault(this.at, 'a comma or the closing bracket was expected');
    return false;
  }

  private tooComplex(reason: 'depth' | 'members', limit: number): undefined {
    return this.refuse(refusal('json_too_complex', { part: this.part, reason, limit }));
  }

  /** As `string`, for text that is likely to be known. */
  private name(): string | undefined {
    const bytes = this.bytes;
    const from = this.at + 1;
    const last = this.aligned ? Math.min(this.end, from + LONGEST_KNOWN_NAME + 1) : from;
    let hash = 0;
    let at = from;
    for (; at < last && PLAIN[bytes[at]!] === 1; at++) hash = (hash * 31 + bytes[at]!) | 0;
    if (at === last || bytes[at] !== QUOTE) return this.string();
    this.at = at + 1;
    const slot = (hash & 511) << 1;
    const first = knownNames[slot]!;
    if (this.isAt(from, at, first)) return first;
    const second = knownNames[slot + 1]!;
    if (this.isAt(from, at, second)) return second;
    knownNames[slot + 1] = first;
    return (knownNames[slot] = ownCopy(this.text.slice(from, at)));
  }

  private isAt(from: number, to: number, text: string): boolean {
    if (text.length !== to - from) return false;
    for (let index = 0; index < text.length; index++) {
      if (text.charCodeAt(index) !== this.bytes[from + index]) return false;
    }
    return true;
  }

  private string(): string | undefined {
    const { bytes, end } = this;
    const from = this.at + 1;
    const at = skipPlain(bytes, from, end);
    if (at === end || bytes[at] !== QUOTE || !this.aligned) return this.longWay(from, at);
    this.at = at + 1;
    return this.text.slice(from, at);
  }

  /** A string that is not as written: it has escapes or characters beyond ASCII, here or elsewhere in the text. */
  private longWay(from: number, firstSpecial: number): string | undefined {
    const { bytes, end } = this;
    let at = firstSpecial;
    while (at < end && bytes[at] !== QUOTE) {
      const next = bytes[at] === BACKSLASH ? this.escape(at) : this.utf8(at);
      if (next === -1) return undefined;
      at = skipPlain(bytes, next, end);
    }
    if (at >= end) return this.fault(end, 'the string does not end');
    this.at = at + 1;
    const written = decoder.decode(bytes.subarray(from, at));
    return written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
  }

  /** This and `utf8` take the offset of a character of a string, and give the offset after it. */
  private escape(at: number): number {
    const byte = this.byte(at + 1);
    if (byte !== 0x75) {
      // " \ / b f n r t
      if (byte !== -1 && '"\\/bfnrt'.includes(String.fromCharCode(byte))) return at + 2;
      return this.fault(at, 'unknown escape') ?? -1;
    }
    const unit = this.hex4(at + 2);
    if (unit === -1) return -1;
    if (unit === 0) return this.fault(at, 'U+0000') ?? -1;
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const paired = unit < 0xdc00 && this.byte(at + 6) === BACKSLASH && this.byte(at + 7) === 0x75;
    const low = paired ? this.hex4(at + 8) : 0;
    if (low < 0xdc00 || low > 0xdfff) return this.fault(at, 'lone surrogate') ?? -1;
    return at + 12;
  }

  private hex4(at: number): number {
    let unit = 0;
    for (let index = at; index < at + 4; index++) {
      const byte = this.byte(index);
      const lower = byte | 0x20;
      const digit = isDigit(byte) ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
      if (digit < 0) return this.fault(index, 'four hexadecimal digits were expected') ?? -1;
      unit = unit * 16 + digit;
    }
    return unit;
  }

  /** One character of two to four bytes, shortest form only, no surrogates (RFC 3629 section 4). */
  private utf8(at: number): number {
    const lead = this.byte(at);
    if (lead < 0x20) return this.fault(at, 'control character in a string') ?? -1;
    const second = this.byte(at + 1);
    let low = 0x80;
    let high = 0xbf;
    let size = 2;
    if (lead >= 0xe0) {
      size = lead >= 0xf0 ? 4 : 3;
      if (lead === 0xe0) low = 0xa0;
      else if (lead === 0xed) high = 0x9f;
      else if (lead === 0xf0) low = 0x90;
      else if (lead === 0xf4) high = 0x8f;
    }
    if (lead < 0xc2 || lead > 0xf4 || second < low || second > high) return this.fault(at, 'invalid UTF-8') ?? -1;
    for (let index = at + 2; index < at + size; index++) {
      if ((this.byte(index) & 0xc0) !== 0x80 || index >= this.end) return this.fault(at, 'invalid UTF-8') ?? -1;
    }
    return at + size;
  }

  private number(): number | undefined {
    const from = this.at;
    let at = this.byte(from) === MINUS ? from + 1 : from;
    at = this.byte(at) === 0x30 ? at + 1 : this.digits(at);
    const whole = at;
    if (at !== -1 && this.byte(at) === 0x2e) at = this.digits(at + 1);
    if (at !== -1 && (this.byte(at) | 0x20) === 0x65) {
      const sign = this.byte(at + 1);
      at = this.digits(sign === 0x2b || sign === MINUS ? at + 2 : at + 1);
    }
    if (at === -1) return undefined;
    this.at = at;
    if (at === whole && at - from <= 15 && this.bytes[from] !== MINUS) return this.integer(from, at);
    const value = at - from > 1_000 ? Infinity : Number(String.fromCharCode(...this.bytes.subarray(from, at)));
    if (!Number.isFinite(value)) return this.fault(from, 'number out of range');
    return value;
  }

  private digits(from: number): number {
    let at = from;
    while (isDigit(this.byte(at))) at++;
    return at > from ? at : (this.fault(at, 'a digit was expected') ?? -1);
  }

  /** The number that up to fifteen digits spell: what times are, exact without the engine's help. */
  private integer(from: number, to: number): number {
    let value = 0;
    for (let at = from; at < to; at++) value = value * 10 + this.bytes[at]! - 0x30;
    return value;
  }

  private word<Value>(word: string, value: Value): Value | undefined {
    const from = this.at;
    for (let index = 0; index < word.length; index++) {
      if (this.byte(from + index) !== word.charCodeAt(index)) return this.fault(from, 'a value was expected');
    }
    this.at = from + word.length;
    return value;
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Offset of the first byte that is not plain, `end` where all are. */
function skipPlain(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && PLAIN[bytes[at]!] === 1) at++;
  return at;
}

/** The engine's own copy of a name: a slice would hold the whole text in memory. */
function ownCopy(name: string): string {
  return Object.keys({ [name]: 0 })[0]!;
}
