/** Writes and reads HTTP/2 frames one by one (RFC 9113 section 4.1), for what no client library would send. */
import type { Socket } from 'node:net';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HEADERS; every field a literal without indexing and without Huffman coding (RFC 7541 section 6.2.2), one octet a character. */
export function headersFrame(stream: number, flags: number, fields: readonly (readonly [string, string])[]): Buffer {
  const parts = fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]);
  return frame(1, flags, stream, Buffer.concat(parts));
}

function text(value: string): Buffer {
  const octets = Buffer.from(value, 'latin1');
  if (octets.length < 127) return Buffer.concat([Buffer.from([octets.length]), octets]);
  const length = [127];
  let rest = octets.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), octets]);
}

/** Every frame up to the one that is enough, the end of the connection, or the time-out. */
export function readFrames(socket: Socket, enough: (frames: Frame[]) => boolean, timeoutMs: number): Promise<Frame[]> {
  return new Promise((resolve) => {
    const frames: Frame[] = [];
    let octets = Buffer.alloc(0);
    const finish = (): void => {
      clearTimeout(timer);
      resolve(frames);
    };
    const timer = setTimeout(finish, timeoutMs);
    socket.on('data', (chunk: Buffer) => {
      octets = Buffer.concat([octets, chunk]);
      while (octets.length >= 9 && octets.length >= 9 + octets.readUIntBE(0, 3)) {
        const end = 9 + octets.readUIntBE(0, 3);
        frames.push({
          type: octets[3]!,
          flags: octets[4]!,
          stream: octets.readUInt32BE(5),
          payload: octets.subarray(9, end),
        });
        octets = octets.subarray(end);
      }
      if (enough(frames)) finish();
    });
    socket.on('close', finish);
  });
}
