/** `issuer.mail`: what the issuer's mails come from, and where they go. */
import { filePath, isLoopbackHost, secret } from '@sealgate/service';
import * as z from 'zod';

const TOKEN = '{token}';

const smtp = z
  .strictObject({
    url: z
      .string()
      .refine(
        (text) => parseSmtpUrl(text) !== undefined,
        'expected "smtps://HOST" or "smtp://HOST:PORT", nothing after it',
      )
      .describe(
        'The mail server. `smtps://` is TLS from the start; `smtp://` must offer STARTTLS, on another machine than this one.',
      ),
    username: z.string().min(1).max(256).optional().describe('Whom to log in as, where the server asks for it.'),
    password: secret().optional().describe('The password for that.'),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    message: 'username and password come together',
  });

export const mailConfigSchema = z
  .strictObject({
    from: z
      .string()
      .regex(/^(?:[^<>\r\n"@,;]+ )?<?[^\s<>"@,;]+@[^\s<>"@,;]+>?$/u, 'expected "name@host" or "Name <name@host>"')
      .describe('Sender of every mail.'),
    smtp: smtp.optional().describe('Mails go through this server.'),
    outbox: filePath()
      .optional()
      .describe('Mails are written into this folder instead, as `.eml` files for its owner alone. For development.'),
    resetLink: z
      .string()
      .max(1024)
      .refine(isResetLink, 'expected an "https://" URL with {token} in it once')
      .describe(
        'The page where a new password is entered, with `{token}` where its token goes: best after a `#`, where no server logs it.',
      ),
  })
  .refine(({ smtp: server, outbox }) => (server === undefined) !== (outbox === undefined), {
    message: 'expected either smtp or outbox',
  });

export type MailConfig = z.output<typeof mailConfigSchema>;

export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  readonly implicitTls: boolean;
}

/** 465 for `smtps:` and 587 for `smtp:` unless the address says (RFC 8314 section 3.3, RFC 6409). Undefined if it is no such address. */
export function parseSmtpUrl(text: string): SmtpAddress | undefined {
  const [, scheme, host = '', port] =
    /^(smtps?):\/\/(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(?::(\d{1,5}))?$/u.exec(text) ?? [];
  if (scheme === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  const implicitTls = scheme === 'smtps';
  return { host: host.replace(/^\[(.*)\]$/u, '$1'), port: Number(port ?? (implicitTls ? 465 : 587)), implicitTls };
}

/** @param token - Of characters that a URL has anywhere. */
export function resetLink(template: string, token: string): string {
  return template.replace(TOKEN, () => token);
}

function isResetLink(template: string): boolean {
  const text = resetLink(template, 'token');
  if (template.split(TOKEN).length !== 2 || /\s/u.test(template) || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}
