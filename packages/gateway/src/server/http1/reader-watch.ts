/** Whether a client still reads what is sent to it, as far as its socket tells. */
import type { Socket } from 'node:net';

export class ReaderWatch {
  readonly #socket: Socket;
  /** When it was looked at last: octets that were waiting, and all that had been written. */
  #unsent = 0;
  #written = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Since the last call something was read, or nothing waits to be. A reader that is merely slow passes. */
  moved(): boolean {
    const { bytesWritten, writableLength } = this.#socket;
    if (writableLength > 0 && writableLength === this.#unsent && bytesWritten === this.#written) return false;
    this.#unsent = writableLength;
    this.#written = bytesWritten;
    return true;
  }
}
