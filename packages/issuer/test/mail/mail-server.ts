/** A real SMTP server on this machine, and the mails that reached it. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, decoded. */
  readonly text: string;
  readonly user: string | undefined;
  /** Whether it came through TLS. */
  readonly encrypted: boolean;
}

export interface MailServer {
  readonly url: string;
  readonly port: number;
  /** Who tried to log in. */
  readonly attempts: readonly string[];
  readonly received: readonly Received[];
  /** Resolves when so many have come. */
  until(count: number): Promise<Received>;
  close(): Promise<void>;
}

export interface MailServerTls {
  readonly key: string;
  readonly cert: string;
  /** Where the server speaks TLS: at once, or after STARTTLS. */
  readonly from: 'start' | 'upgrade';
}

/**
 * @param login - What the server asks for.
 * @param tls - Default: it has none, and knows no STARTTLS.
 */
export async function startMailServer(
  login: { readonly user: string; readonly password: string },
  tls?: MailServerTls,
): Promise<MailServer> {
  const received: Received[] = [];
  const attempts: string[] = [];
  const waiting = new Set<() => void>();
  const server = new SMTPServer({
    ...(tls === undefined
      ? { disabledCommands: ['STARTTLS'], allowInsecureAuth: true }
      : { key: tls.key, cert: tls.cert, secure: tls.from === 'start' }),
    onAuth: ({ username, password }, _session, callback) => {
      attempts.push(String(username));
      if (username === login.user && password === login.password) callback(null, { user: username });
      else callback(new Error('who are you?'));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: decodeQuotedPrintable(Buffer.concat(chunks).toString()),
          user: session.user === undefined ? undefined : String(session.user),
          encrypted: session.secure,
        });
        callback();
        for (const look of waiting) look();
      });
    },
  });
  // Clients that hang up, as those do that do not like its certificate.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `${tls?.from === 'start' ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    port,
    attempts,
    received,
    until: (count) =>
      new Promise((resolve) => {
        const look = () => {
          const last = received[count - 1];
          if (last === undefined) return;
          waiting.delete(look);
          resolve(last);
        };
        waiting.add(look);
        look();
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** RFC 2045 section 6.7. */
export function decodeQuotedPrintable(raw: string): string {
  return raw
    .replaceAll(/=\r?\n/gu, '')
    .replaceAll(/=([0-9A-F]{2})/gu, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}
