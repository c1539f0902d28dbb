/**
 * The addresses that an upstream's host name has at present, asked for again and again: new ones are used, those that are gone are told of.
 * While a name cannot be resolved, what it had stays.
 */
import { lookup as lookUp } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

/** All addresses of a host name. @throws when it has none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** As the system resolves names: its hosts file, its resolver, its cache. */
export const resolveHost: ResolveHost = async (host) => {
  const found = await lookUp(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

export interface AddressBookOptions {
  readonly host: string;
  readonly everyMs: number;
  readonly resolve: ResolveHost;
  /** Told when the name has other addresses than before. */
  readonly onChange: (addresses: readonly string[]) => void;
}

export class AddressBook {
  readonly #options: AddressBookOptions;
  readonly #timer: NodeJS.Timeout;
  #addresses: readonly string[] = [];
  #next = 0;
  #asking: Promise<void> | undefined;

  constructor(options: AddressBookOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.refresh(), options.everyMs).unref();
    void this.refresh();
  }

  /** For `net.connect`: all addresses, another one first each time. */
  readonly lookup: LookupFunction = (_host, { all }, callback) => {
    const answer = (): void => {
      const from = this.#next++ % Math.max(1, this.#addresses.length);
      const found = [...this.#addresses.slice(from), ...this.#addresses.slice(0, from)];
      const [first] = found;
      if (first === undefined) callback(notFound(this.#options.host), '');
      else if (all === true)
        callback(
          null,
          found.map((address) => ({ address, family: isIP(address) })),
        );
      else callback(null, first, isIP(first));
    };
    if (this.#addresses.length > 0) answer();
    else void this.refresh().then(answer);
  };

  includes(address: string): boolean {
    return this.#addresses.includes(address);
  }

  /** Asks now. Never rejects. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    const found = await this.#options.resolve(this.#options.host).catch(() => undefined);
    if (found === undefined || found.length === 0) return;
    const addresses = [...new Set(found)].toSorted();
    if (addresses.join(' ') === this.#addresses.join(' ')) return;
    this.#addresses = addresses;
    this.#options.onChange(addresses);
  }
}

function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
}
