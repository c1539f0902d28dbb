/**
 * The PROXY protocol, version 2, as a balancer in front begins its connections with (haproxy.org/download/2.9/doc/proxy-protocol.txt, section
 * 2.2): who is on the other side of it.
 *
 * Strict: what is not exactly a header of this version is an error, never taken for the beginning of a request. Extensions (TLVs) must be
 * well-formed and are not believed.
 */

/** Nothing is before it on a connection, and no HTTP or TLS begins so. */
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const HEADER_BYTES = 16;
/** Addresses and extensions; balancers send a few dozen. */
const MOST_BYTES = 2048;

export type ProxyHeader =
  /** More octets are needed. */
  | 'incomplete'
  | 'malformed'
  | {
      /** Address that the connection is made for; undefined when the balancer speaks for itself (health checks), or names none. */
      readonly source: string | undefined;
      /** Octets of the header. */
      readonly length: number;
    };

const [LOCAL, PROXY] = [0x20, 0x21];
const [UNSPECIFIED, TCP4, TCP6] = [0x00, 0x11, 0x21];
const TLV_HEAD_BYTES = 3;

/** @param octets - All that arrived on the connection so far. */
export function parseProxyHeader(octets: Buffer): ProxyHeader {
  const compared = Math.min(octets.length, SIGNATURE.length);
  if (octets.compare(SIGNATURE, 0, compared, 0, compared) !== 0) return 'malformed';
  if (octets.length < HEADER_BYTES) return 'incomplete';
  const command = octets[12]!;
  const family = octets[13]!;
  const bytes = octets.readUInt16BE(14);
  if ((command !== LOCAL && command !== PROXY) || bytes > MOST_BYTES) return 'malformed';
  const length = HEADER_BYTES + bytes;
  if (octets.length < length) return 'incomplete';
  const payload = octets.subarray(HEADER_BYTES, length);
  // What a LOCAL header carries beside its length is to be ignored.
  if (command === LOCAL) return { source: undefined, length };
  if (family === UNSPECIFIED) return { source: undefined, length };
  if (family !== TCP4 && family !== TCP6) return 'malformed';
  const addressBytes = family === TCP4 ? 12 : 36;
  if (payload.length < addressBytes || !areTlvs(payload.subarray(addressBytes))) return 'malformed';
  return { source: family === TCP4 ? ipv4(payload) : ipv6(payload), length };
}

/** Type, length of two octets, value; to the very end. */
function areTlvs(octets: Buffer): boolean {
  let at = 0;
  while (at < octets.length) {
    if (at + TLV_HEAD_BYTES > octets.length) return false;
    at += TLV_HEAD_BYTES + octets.readUInt16BE(at + 1);
  }
  return at === octets.length;
}

const ipv4 = (octets: Buffer): string => octets.subarray(0, 4).join('.');

/** In the shortest form, as sockets report it. */
function ipv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
