/**
 * As much of the Protocol Buffers encoding as Envoy's questions and our answers need: varints, and what has a length (strings, messages). Fields
 * that are not asked for are passed over, as the format wants it (protobuf.dev, "Encoding").
 */

/** A message that breaks off, or holds what no message does. */
export class ProtobufError extends Error {}

const [VARINT, FIXED64, LENGTH_DELIMITED, FIXED32] = [0, 1, 2, 5];

/** The length-delimited fields of a message by number, each in the order in which it came. */
export function readFields(message: Buffer): ReadonlyMap<number, readonly Buffer[]> {
  const fields = new Map<number, Buffer[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 10; shift++) {
      const octet = message[at++];
      if (octet === undefined) throw new ProtobufError('a number breaks off');
      value += (octet & 0x7f) * 2 ** (7 * shift);
      if (octet < 0x80) return value;
    }
    throw new ProtobufError('a number is too long');
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === VARINT) {
      varint();
      continue;
    }
    const length = wireType === FIXED64 ? 8 : wireType === FIXED32 ? 4 : wireType === LENGTH_DELIMITED ? varint() : NaN;
    if (!(at + length <= message.length)) throw new ProtobufError('a field breaks off or has an unknown type');
    if (wireType === LENGTH_DELIMITED) {
      const number = Math.floor(tag / 8);
      const values = fields.get(number) ?? [];
      values.push(message.subarray(at, at + length));
      fields.set(number, values);
    }
    at += length;
  }
  return fields;
}

export function writeNumber(field: number, value: number): Buffer {
  return Buffer.concat([varintOf(field * 8 + VARINT), varintOf(value)]);
}

/** A message or a string. */
export function writeBytes(field: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const value = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([varintOf(field * 8 + LENGTH_DELIMITED), varintOf(value.length), value]);
}

function varintOf(value: number): Buffer {
  const octets: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80);
  return Buffer.from([...octets, rest]);
}
