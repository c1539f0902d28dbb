/**
 * JSON (RFC 8259) read as far as it goes: a tree with positions, every duplicate member kept, and what is wrong with the text.
 *
 * The tree is what the page shows and compares; nothing is decided from it. Depth and size are bounded, so that no pasted text
 * can exhaust the page.
 */

interface Place {
  /** Offsets in the scanned text. */
  readonly start: number;
  readonly end: number;
}

export interface JsonMember {
  readonly name: string;
  readonly nameStart: number;
  readonly value: JsonNode;
  /** Whether an earlier member of the same object has this name. */
  readonly repeated: boolean;
}

export type JsonNode = Place &
  (
    | { readonly type: 'object'; readonly members: readonly JsonMember[] }
    | { readonly type: 'array'; readonly items: readonly JsonNode[] }
    | { readonly type: 'string'; readonly value: string }
    | { readonly type: 'number'; readonly value: number; readonly raw: string }
    | { readonly type: 'boolean'; readonly value: boolean }
    | { readonly type: 'null' }
  );

export type JsonFaultCode =
  | 'json-syntax'
  | 'json-ends-early'
  | 'json-after-end'
  | 'json-duplicate'
  | 'json-control-character'
  | 'json-lone-surrogate'
  | 'json-number-range'
  | 'json-too-complex';

export interface JsonFault {
  readonly code: JsonFaultCode;
  /** Offset in the scanned text. */
  readonly at: number;
  /** What stands there, or the name of the member. */
  readonly found: string;
  /** What could have stood there; a key of `strings/faults.ts`. */
  readonly expected: Expectation;
}

export type Expectation = 'value' | 'name' | 'colon' | 'comma-object' | 'comma-array' | 'end' | 'digit' | 'escape' | '';

export interface JsonReading {
  /** What could be read: incomplete if a fault of syntax stopped the reading. */
  readonly node: JsonNode | undefined;
  readonly faults: readonly JsonFault[];
}

const MAXIMUM_DEPTH = 100;
const MAXIMUM_NODES = 20_000;

/** Carries a fault of syntax out of the recursion; what was read so far is kept by the callers. */
class Stop extends Error {}

class Scanner {
  readonly faults: JsonFault[] = [];
  #at = 0;
  #nodes = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonNode | undefined {
    const holder: { node?: JsonNode } = {};
    try {
      this.#space();
      this.#value(0, (node) => (holder.node = node));
      this.#space();
      if (this.#at < this.#text.length) this.#fault('json-after-end', 'end');
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
    return holder.node;
  }

  #fault(code: JsonFaultCode, expected: Expectation, at = this.#at, found?: string): void {
    const character = this.#text.codePointAt(at);
    const here = character === undefined ? '' : String.fromCodePoint(character);
    this.faults.push({ code, at, found: found ?? here, expected });
  }

  #stop(expected: Expectation): never {
    this.#fault(this.#at >= this.#text.length ? 'json-ends-early' : 'json-syntax', expected);
    throw new Stop();
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  /** Reads a value and hands it over at once, even if reading on inside it stops. */
  #value(depth: number, keep: (node: JsonNode) => void): void {
    this.#nodes += 1;
    if (depth > MAXIMUM_DEPTH || this.#nodes > MAXIMUM_NODES) {
      this.#fault('json-too-complex', '');
      throw new Stop();
    }
    const start = this.#at;
    const first = this.#text[start];
    if (first === '{') this.#object(depth, keep);
    else if (first === '[') this.#array(depth, keep);
    else if (first === '"') {
      const value = this.#string();
      keep({ type: 'string', value, start, end: this.#at });
    } else if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) keep(this.#number());
    else if (this.#word('true')) keep({ type: 'boolean', value: true, start, end: this.#at });
    else if (this.#word('false')) keep({ type: 'boolean', value: false, start, end: this.#at });
    else if (this.#word('null')) keep({ type: 'null', start, end: this.#at });
    else this.#stop('value');
  }

  #object(depth: number, keep: (node: JsonNode) => void): void {
    const start = this.#at;
    const members: JsonMember[] = [];
    const seen = new Set<string>();
    const done = () => keep({ type: 'object', members, start, end: this.#at });
    this.#at += 1;
    try {
      this.#space();
      if (this.#text[this.#at] === '}') {
        this.#at += 1;
        return;
      }
      for (;;) {
        this.#space();
        const nameStart = this.#at;
        if (this.#text[this.#at] !== '"') this.#stop('name');
        const name = this.#string();
        const repeated = seen.has(name);
        if (repeated) this.#fault('json-duplicate', '', nameStart, name);
        seen.add(name);
        this.#space();
        if (this.#text[this.#at] !== ':') this.#stop('colon');
        this.#at += 1;
        this.#space();
        this.#value(depth + 1, (value) => members.push({ name, nameStart, value, repeated }));
        this.#space();
        const next = this.#text[this.#at];
        if (next !== ',' && next !== '}') this.#stop('comma-object');
        this.#at += 1;
        if (next === '}') return;
      }
    } finally {
      done();
    }
  }

  #array(depth: number, keep: (node: JsonNode) => void): void {
    const start = this.#at;
    const items: JsonNode[] = [];
    this.#at += 1;
    try {
      this.#space();
      if (this.#text[this.#at] === ']') {
        this.#at += 1;
        return;
      }
      for (;;) {
        this.#space();
        this.#value(depth + 1, (value) => items.push(value));
        this.#space();
        const next = this.#text[this.#at];
        if (next !== ',' && next !== ']') this.#stop('comma-array');
        this.#at += 1;
        if (next === ']') return;
      }
    } finally {
      keep({ type: 'array', items, start, end: this.#at });
    }
  }

  #string(): string {
    const start = this.#at;
    let value = '';
    let controlTold = false;
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) this.#stop('end');
      if (character === '"') break;
      if (character === '\\') value += this.#escape();
      else {
        if (character < ' ' && !controlTold) {
          controlTold = true;
          this.#fault('json-control-character', '');
        }
        value += character;
        this.#at += 1;
      }
    }
    this.#at += 1;
    if (!value.isWellFormed()) this.#fault('json-lone-surrogate', '', start, '');
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1];
    const simple: Record<string, string> = {
      b: '\b',
      f: '\f',
      n: '\n',
      r: '\r',
      t: '\t',
      '"': '"',
      '\\': '\\',
      '/': '/',
    };
    if (letter !== undefined && Object.hasOwn(simple, letter)) {
      this.#at += 2;
      return simple[letter] ?? '';
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter === 'u' && /^[0-9a-fA-F]{4}$/u.test(hex)) {
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    if (this.#at + 1 >= this.#text.length) this.#at = this.#text.length;
    return this.#stop('escape');
  }

  #number(): JsonNode {
    const start = this.#at;
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy;
    pattern.lastIndex = start;
    const raw = pattern.exec(this.#text)?.[0];
    if (raw === undefined) {
      this.#at += 1;
      this.#stop('digit');
    }
    const value = Number(raw);
    if (!Number.isFinite(value)) this.#fault('json-number-range', '', start, raw.slice(0, 40));
    this.#at += raw.length;
    return { type: 'number', value, raw, start, end: this.#at };
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }
}

/** Reads JSON text. Never throws. */
export function scanJson(text: string): JsonReading {
  const scanner = new Scanner(text);
  return { node: scanner.read(), faults: scanner.faults };
}

/** Line and column of an offset, each from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
