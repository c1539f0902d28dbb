/**
 * Takes connections that cannot go to their server unseen: those that begin with a PROXY header, and those without TLS that may speak
 * HTTP/2 from the first octet (RFC 9113 section 3.3). What was read is put back, and the server takes the connection as if it had
 * accepted it itself.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { parseProxyHeader } from './proxy-protocol.ts';

export interface FrontDoorOptions {
  /** Whether a peer must begin with a PROXY header; undefined: none does. */
  readonly mustAnnounce: ((address: string) => boolean) | undefined;
  /** Where HTTP/2 without TLS is spoken. */
  readonly onHttp2: ((socket: Socket) => void) | undefined;
  readonly onOther: (socket: Socket) => void;
  /** The connection is ended. */
  readonly onRefused: (code: 'proxy_header') => void;
  /** Longest wait for the first octets. */
  readonly timeoutMs: number;
}

export interface FrontDoor {
  readonly server: Server;
  /** Who the connection is made for, when the peer said so. Works for a TLS socket over it too. */
  spokenFor(socket: Socket): string | undefined;
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const announced = new Map<string, string>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const timer = setTimeout(() => socket.destroy(), options.timeoutMs);
    const onError = (): void => void socket.destroy();
    const onClose = (): void => clearTimeout(timer);
    socket.on('error', onError).once('close', onClose);
    const handOn = (take: (socket: Socket) => void): void => {
      clearTimeout(timer);
      socket.off('error', onError).off('close', onClose);
      take(socket);
    };
    const sort = (): void => {
      if (options.onHttp2 === undefined) handOn(options.onOther);
      else gather(socket, (octets) => sortByPreface(octets, { ...options, onHttp2: options.onHttp2! }, handOn));
    };
    if (options.mustAnnounce?.(socket.remoteAddress ?? '') !== true) {
      sort();
      return;
    }
    gather(socket, (octets) => {
      const header = parseProxyHeader(octets);
      if (header === 'incomplete') return undefined;
      if (header === 'malformed') {
        options.onRefused('proxy_header');
        socket.destroy();
        return octets.length;
      }
      if (header.source !== undefined) {
        const key = keyOf(socket);
        announced.set(key, header.source);
        socket.once('close', () => announced.delete(key));
      }
      queueMicrotask(sort);
      return header.length;
    });
  });
  return { server, spokenFor: (socket) => announced.get(keyOf(socket)) };
}

/** Says the same for a socket and for TLS on top of it, while the connection lasts. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * Shows `take` what arrived so far, until it says how much of it is used; the rest is put back.
 *
 * @param take - Undefined: more is needed.
 */
function gather(socket: Socket, take: (octets: Buffer) => number | undefined): void {
  let octets = Buffer.alloc(0);
  const onReadable = (): void => {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) return;
    octets = Buffer.concat([octets, chunk]);
    const used = take(octets);
    if (used === undefined) return;
    socket.off('readable', onReadable);
    if (!socket.destroyed && used < octets.length) socket.unshift(octets.subarray(used));
  };
  socket.on('readable', onReadable);
}

function sortByPreface(
  octets: Buffer,
  { onHttp2, onOther }: { onHttp2: (socket: Socket) => void; onOther: (socket: Socket) => void },
  handOn: (take: (socket: Socket) => void) => void,
): number | undefined {
  const compared = Math.min(octets.length, PREFACE.length);
  const isPreface = octets.compare(PREFACE, 0, compared, 0, compared) === 0;
  if (isPreface && octets.length < PREFACE.length) return undefined;
  queueMicrotask(() => handOn(isPreface ? onHttp2 : onOther));
  return 0;
}
