/** A request as a load balancer hands it on: PROXY protocol version 2 says who calls, TLS comes behind it. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SmallFolder } from './small-folder.ts';

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
/** Version 2, PROXY; TCP over IPv4; 12 octets follow. */
const KIND = [0x21, 0x11, 0, 12];

/** @returns the status. @param last - Of the caller's address 192.0.2.x. */
export function statusThroughProxy({ port, ca }: SmallFolder, last: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(Buffer.from([...SIGNATURE, ...KIND, 192, 0, 2, last, 127, 0, 0, 1, 9, 9, 1, 187]));
    const secured = connectTls({ socket, ca, servername: 'api.test' });
    let text = '';
    secured.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    secured.once('end', () => resolve(Number(text.split(' ')[1])));
    secured.once('error', reject);
    secured.write('GET /x HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n');
  });
}
