/** Sends mails: through a mail server (SMTP, RFC 5321), or into a folder. Plain text to one address. Knows nothing of what they say. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isLoopbackHost } from '@sealgate/service';
import { createTransport } from 'nodemailer';
import { createId, type Runtime } from '../runtime.ts';
import { parseSmtpUrl, type MailConfig } from './config.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 20_000;
const CONNECTIONS = 2;

export interface Mail {
  /** One address, `name@host`. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Resolves when the server has taken it, or the file is written. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

export function createMailer(config: MailConfig, runtime: Runtime): Mailer {
  return config.outbox === undefined ? smtpMailer(config) : outboxMailer(config.from, config.outbox, runtime);
}

function smtpMailer({ from, smtp }: MailConfig): Mailer {
  const address = smtp && parseSmtpUrl(smtp.url);
  if (smtp === undefined || address === undefined) throw new TypeError('the configuration was not checked');
  const { host, port, implicitTls } = address;
  const { username, password } = smtp;
  const isHere = isLoopbackHost(host);
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    host,
    port,
    secure: implicitTls,
    // To another machine never in the clear, whatever the server offers.
    requireTLS: !implicitTls && !isHere,
    ignoreTLS: !implicitTls && isHere,
    ...(username === undefined || password === undefined ? {} : { auth: { user: username, pass: password.reveal() } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async (mail) => void (await transport.sendMail(message(from, mail))),
    close: () => transport.close(),
  };
}

function outboxMailer(from: string, folder: string, runtime: Runtime): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async send(mail) {
      const { message: bytes } = await transport.sendMail(message(from, mail));
      if (!Buffer.isBuffer(bytes)) throw new TypeError('the mail was not written to memory');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = `${new Date(runtime.nowMs()).toISOString().replaceAll(':', '')}-${createId(runtime, '')}.eml`;
      await writeFile(path.join(folder, name), bytes, { mode: 0o600, flag: 'wx' });
    },
    close: () => transport.close(),
  };
}

function message(from: string, { to, subject, text }: Mail) {
  return {
    from,
    // As an address that is parsed already: a comma in it makes no second receiver.
    to: { name: '', address: to },
    subject,
    text,
    // Out-of-office programs answer no such mail (RFC 3834 section 5).
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}
