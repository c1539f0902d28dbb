/**
 * DER (X.690), as much as keys and certificates need: read a tree of tags, write one.
 *
 * Strict in lengths, ignorant of meaning: `key-structure.ts` knows what stands where.
 */

export interface DerNode {
  readonly tag: number;
  /** Content octets. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Tag, length and content. */
  readonly whole: Uint8Array<ArrayBuffer>;
}

/** DER that cannot be read; `at` is the offset of the element. */
export class DerError extends Error {}

export const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Reads the elements that follow each other in `bytes`. */
export function readDer(bytes: Uint8Array<ArrayBuffer>): DerNode[] {
  const nodes: DerNode[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? -1;
    at += 2;
    if (length > 0x84 || length === 0x80 || length < 0) throw new DerError('length');
    if (length > 0x80) {
      const size = length - 0x80;
      length = 0;
      for (const byte of bytes.subarray(at, at + size)) length = length * 256 + byte;
      at += size;
    }
    const end = at + length;
    if (end > bytes.length) throw new DerError('ends early');
    nodes.push({ tag, content: bytes.slice(at, end), whole: bytes.slice(start, end) });
    at = end;
  }
  return nodes;
}

/** The one element of `bytes`, of the given tag. */
export function readOne(bytes: Uint8Array<ArrayBuffer>, tag: number): DerNode {
  const [node] = readDer(bytes);
  if (node?.tag !== tag) throw new DerError('unexpected element');
  return node;
}

/** The elements inside a node. */
export function children(node: DerNode | undefined): DerNode[] {
  if (node === undefined) throw new DerError('element missing');
  return readDer(node.content);
}

/** An object identifier in dotted form. */
export function readOid(node: DerNode | undefined): string {
  if (node?.tag !== TAG.oid) throw new DerError('no object identifier');
  const numbers: number[] = [];
  let value = 0;
  for (const byte of node.content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      if (numbers.length === 0)
        numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
      else numbers.push(value);
      value = 0;
    }
  }
  return numbers.join('.');
}

/** A non-negative integer without the sign octet. */
export function readUnsigned(node: DerNode | undefined): Uint8Array<ArrayBuffer> {
  if (node?.tag !== TAG.integer) throw new DerError('no integer');
  let skip = 0;
  while (skip < node.content.length - 1 && node.content[skip] === 0) skip += 1;
  return node.content.slice(skip);
}

/** A bit string of whole octets. */
export function readBits(node: DerNode | undefined): Uint8Array<ArrayBuffer> {
  if (node?.tag !== TAG.bits || node.content[0] !== 0) throw new DerError('no bit string');
  return node.content.slice(1);
}

/** Writes an element of parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 + size.length, ...size];
  return joinBytes(Uint8Array.from(head), ...parts);
}

/** Writes a non-negative integer. */
export function derUnsigned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let skip = 0;
  while (skip < bytes.length - 1 && bytes[skip] === 0) skip += 1;
  const trimmed = bytes.slice(skip);
  const sign = (trimmed[0] ?? 0) >= 0x80 ? [0] : [];
  return der(TAG.integer, Uint8Array.from(sign), trimmed);
}

/** Writes an object identifier given in dotted form. */
export function derOid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const value of [first * 40 + second, ...rest]) {
    const group = [value % 128];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) group.unshift((left % 128) + 128);
    octets.push(...group);
  }
  return der(TAG.oid, Uint8Array.from(octets));
}

/** Joins byte strings. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
