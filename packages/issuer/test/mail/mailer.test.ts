/**
 * Mails to a mail server through TLS, with a real server: from the start (`smtps://`, RFC 8314 section 3.3) and after STARTTLS (`smtp://`, RFC 3207).
 * Whatever the server is or lacks, neither password nor mail leave in the clear, or for somebody else.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Secret } from '@sealgate/service';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMailer } from '../../src/mail/mailer.ts';
import { systemRuntime } from '../../src/runtime.ts';
import { startMailServer, type MailServer, type MailServerTls } from './mail-server.ts';

const LOGIN = { user: 'sealgate', password: 'canary of the mail server' };
const MAIL = { to: 'ann@acme.test', subject: 'Set a new password', text: 'canary of the mail' };
/** This machine, by an address that is not one of those to which mail may go in the clear. */
const ANOTHER_MACHINE = '0.0.0.0';

type Certificate = Pick<MailServerTls, 'key' | 'cert'>;

const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-mail-'));
const trustedBefore = getCACertificates('default');
let trusted: Certificate;
let ofAnother: Certificate;
let unknown: Certificate;
let server: MailServer | undefined;

beforeAll(() => {
  trusted = certificate('trusted', `IP:127.0.0.1,IP:${ANOTHER_MACHINE}`);
  ofAnother = certificate('another', 'DNS:mail.other.test,IP:192.0.2.1');
  unknown = certificate('unknown', `IP:127.0.0.1,IP:${ANOTHER_MACHINE}`);
  setDefaultCACertificates([...trustedBefore, trusted.cert, ofAnother.cert]);
});
afterAll(() => {
  setDefaultCACertificates(trustedBefore);
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Signed by itself, for this run. */
function certificate(name: string, subjects: string): Certificate {
  const [key, cert] = [path.join(folder, `${name}.key`), path.join(folder, `${name}.pem`)];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert];
  const whose = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subjects}`];
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', '-days', '1', ...kind, ...whose], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`openssl req failed: ${stderr}`);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

async function send(url: (port: number) => string, tls?: MailServerTls): Promise<MailServer> {
  server = await startMailServer(LOGIN, tls);
  const mailer = createMailer(
    {
      from: 'Acme <no-reply@acme.test>',
      smtp: { url: url(server.port), username: LOGIN.user, password: Secret.of(LOGIN.password) },
      resetLink: 'https://app.acme.test/new-password#{token}',
    },
    systemRuntime,
  );
  try {
    await mailer.send(MAIL);
  } finally {
    mailer.close();
  }
  return server;
}

describe.each([
  ['smtps://, TLS from the start', 'start', (port: number) => `smtps://127.0.0.1:${port}`],
  ['smtp://, TLS after STARTTLS', 'upgrade', (port: number) => `smtp://${ANOTHER_MACHINE}:${port}`],
] as const)('%s', (_name, from, url) => {
  it('delivers to a server that is who it should be, and logs in there', async () => {
    const { received } = await send(url, { ...trusted, from });
    expect(received).toEqual([
      expect.objectContaining({
        to: [MAIL.to],
        user: LOGIN.user,
        encrypted: true,
        text: expect.stringContaining(MAIL.text),
      }),
    ]);
  });

  it.each([
    ['of another name', () => ofAnother, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that nobody vouches for', () => unknown, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('gives a server with a certificate %s neither password nor mail', async (_which, which, reason) => {
    const refused = await send(url, { ...which(), from }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.any(String) });
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).toContain(reason);
    expect([server?.attempts, server?.received]).toEqual([[], []]);
  });
});

describe('smtp:// to another machine', () => {
  it('gives a server without STARTTLS neither password nor mail', async () => {
    await expect(send((port) => `smtp://${ANOTHER_MACHINE}:${port}`)).rejects.toMatchObject({ code: 'ETLS' });
    expect([server?.attempts, server?.received]).toEqual([[], []]);
  });

  it('on this machine does without', async () => {
    const { received } = await send((port) => `smtp://127.0.0.1:${port}`);
    expect(received).toMatchObject([{ encrypted: false, user: LOGIN.user }]);
  });
});
