/**
 * A grammar check of JSON in one pass over its bytes (RFC 8259), narrowed to what a token may hold (RFC 7493, I-JSON).
 *
 * Beyond the grammar it refuses: invalid UTF-8, a byte order mark, lone surrogates, U+0000, numbers beyond a double, nesting and
 * members past the limits. It builds no value; `json.ts` does, once this has passed. Runs in a browser.
 */
import { refusal, type JwtError, type TokenPart } from '../errors.ts';
import type { ParseLimits } from './limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Counts the object members of a JSON text. @throws {JwtError} `json_invalid`, `json_too_complex`. */
export function countMembers(bytes: Uint8Array, part: TokenPart, limits: ParseLimits): number {
  return new JsonScan(bytes, part, limits, false).run();
}

/** The refusal that says where a text repeats a member name; for a text known to do so. */
export function duplicateMemberError(bytes: Uint8Array, part: TokenPart, limits: ParseLimits): JwtError {
  const scan = new JsonScan(bytes, part, limits, true);
  scan.run();
  return refusal('json_duplicate_member', { part, ...(scan.duplicateAt < 0 ? {} : { offset: scan.duplicateAt }) });
}

class JsonScan {
  private members = 0;
  duplicateAt = -1;
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly part: TokenPart;
  private readonly limits: ParseLimits;
  private readonly names: boolean;

  constructor(bytes: Uint8Array, part: TokenPart, limits: ParseLimits, names: boolean) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.part = part;
    this.limits = limits;
    this.names = names;
  }

  run(): number {
    const at = this.space(this.value(this.space(0), 0));
    if (at !== this.end) throw this.fault(at, 'text after the value');
    return this.members;
  }

  private fault(offset: number, reason: string): JwtError {
    return refusal('json_invalid', { part: this.part, offset, reason });
  }

  private byte(at: number): number {
    return at < this.end ? this.bytes[at]! : -1;
  }

  private space(from: number): number {
    let at = from;
    for (; at < this.end; at++) {
      const byte = this.bytes[at]!;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
    }
    return at;
  }

  /** Each of these takes the offset where its text starts and gives the offset after it. */
  private value(at: number, depth: number): number {
    const byte = this.byte(at);
    if (byte === QUOTE) return this.string(at + 1);
    if (byte === 0x7b) return this.object(at, depth + 1);
    if (byte === 0x5b) return this.array(at, depth + 1);
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.number(at);
    if (byte === 0x74) return this.word(at, 'true');
    if (byte === 0x66) return this.word(at, 'false');
    if (byte === 0x6e) return this.word(at, 'null');
    if (byte === 0xef && at === 0) throw this.fault(at, 'byte order mark');
    throw this.fault(at, 'a value was expected');
  }

  private object(from: number, depth: number): number {
    this.assertDepth(depth);
    const seen = this.names ? new Set<string>() : undefined;
    let at = this.space(from + 1);
    if (this.byte(at) === 0x7d) return at + 1;
    for (;;) {
      if (this.byte(at) !== QUOTE) throw this.fault(at, 'a member name was expected');
      const name = at;
      at = this.string(at + 1);
      if (seen !== undefined) this.noteName(seen, name, at);
      if (++this.members > this.limits.jsonMembers) {
        throw refusal('json_too_complex', { part: this.part, reason: 'members', limit: this.limits.jsonMembers });
      }
      at = this.space(at);
      if (this.byte(at) !== COLON) throw this.fault(at, 'a colon was expected');
      at = this.space(this.value(this.space(at + 1), depth));
      const byte = this.byte(at);
      if (byte === 0x7d) return at + 1;
      if (byte !== COMMA) throw this.fault(at, 'a comma or the end of the object was expected');
      at = this.space(at + 1);
    }
  }

  private array(from: number, depth: number): number {
    this.assertDepth(depth);
    let at = this.space(from + 1);
    if (this.byte(at) === 0x5d) return at + 1;
    for (;;) {
      at = this.space(this.value(at, depth));
      const byte = this.byte(at);
      if (byte === 0x5d) return at + 1;
      if (byte !== COMMA) throw this.fault(at, 'a comma or the end of the array was expected');
      at = this.space(at + 1);
    }
  }

  private assertDepth(depth: number): void {
    if (depth > this.limits.jsonDepth) {
      throw refusal('json_too_complex', { part: this.part, reason: 'depth', limit: this.limits.jsonDepth });
    }
  }

  private noteName(seen: Set<string>, from: number, to: number): void {
    const name = JSON.parse(new TextDecoder().decode(this.bytes.subarray(from, to))) as string;
    if (seen.has(name) && this.duplicateAt < 0) this.duplicateAt = from;
    seen.add(name);
  }

  private string(from: number): number {
    let at = from;
    const bytes = this.bytes;
    const end = this.end;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) at = this.escape(at);
      else if (byte < 0x20) throw this.fault(at, 'control character in a string');
      else if (byte < 0x80) at++;
      else at = this.utf8(at);
    }
    throw this.fault(at, 'the string does not end');
  }

  private escape(at: number): number {
    const byte = this.byte(at + 1);
    if (byte !== 0x75) {
      // " \ / b f n r t
      if (byte !== -1 && '"\\/bfnrt'.includes(String.fromCharCode(byte))) return at + 2;
      throw this.fault(at, 'unknown escape');
    }
    const unit = this.hex4(at + 2);
    if (unit === 0) throw this.fault(at, 'U+0000');
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const paired = unit < 0xdc00 && this.byte(at + 6) === BACKSLASH && this.byte(at + 7) === 0x75;
    const low = paired ? this.hex4(at + 8) : 0;
    if (low < 0xdc00 || low > 0xdfff) throw this.fault(at, 'lone surrogate');
    return at + 12;
  }

  private hex4(at: number): number {
    let unit = 0;
    for (let index = at; index < at + 4; index++) {
      const byte = this.byte(index);
      const lower = byte | 0x20;
      const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
      if (digit < 0) throw this.fault(index, 'four hexadecimal digits were expected');
      unit = unit * 16 + digit;
    }
    return unit;
  }

  /** One character of two to four bytes, shortest form only, no surrogates (RFC 3629 section 4). */
  private utf8(at: number): number {
    const lead = this.byte(at);
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
    if (lead < 0xc2 || lead > 0xf4 || second < low || second > high) throw this.fault(at, 'invalid UTF-8');
    for (let index = at + 2; index < at + size; index++) {
      if ((this.byte(index) & 0xc0) !== 0x80 || index >= this.end) throw this.fault(at, 'invalid UTF-8');
    }
    return at + size;
  }

  private digits(from: number): number {
    let at = from;
    while (at < this.end && this.bytes[at]! >= 0x30 && this.bytes[at]! <= 0x39) at++;
    if (at === from) throw this.fault(at, 'a digit was expected');
    return at;
  }

  private number(from: number): number {
    let at = this.byte(from) === 0x2d ? from + 1 : from;
    at = this.byte(at) === 0x30 ? at + 1 : this.digits(at);
    if (this.byte(at) === 0x2e) at = this.digits(at + 1);
    const exponent = (this.byte(at) | 0x20) === 0x65;
    if (exponent) {
      const sign = this.byte(at + 1);
      at = this.digits(sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
    }
    if (exponent || at - from > 300) {
      const value = Number(String.fromCharCode(...this.bytes.subarray(from, Math.min(at, from + 1_000))));
      if (!Number.isFinite(value) || at - from > 1_000) throw this.fault(from, 'number out of range');
    }
    return at;
  }

  private word(at: number, word: 'true' | 'false' | 'null'): number {
    for (let index = 0; index < word.length; index++) {
      if (this.byte(at + index) !== word.charCodeAt(index)) throw this.fault(at, 'a value was expected');
    }
    return at + word.length;
  }
}
