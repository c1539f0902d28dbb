/** `sealgate session ...` and `sealgate revoke`: what is to count no more. Each answers when the verifiers have confirmed. */
import { misuse } from '../command-error.ts';
import type { RawIssuerOptions } from '../command-line/issuer-options.ts';
import { readSecretSource } from '../command-line/source.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { openAdministration, type Json } from './administration.ts';
import { moment, parseLimit, showConfirmation, showList, text, waitQuery, type Column } from './render.ts';
import { findUser } from './user-commands.ts';

const COLUMNS: readonly Column[] = [
  ['id', (session) => text(session['id'])],
  ['client', (session) => text(session['client_id'])],
  ['last used', (session) => moment(session['last_used_at'])],
  ['from', (session) => text((session['last_seen'] as Json | undefined)?.['address'])],
  ['device', (session) => text((session['last_seen'] as Json | undefined)?.['user_agent'])],
];

export async function sessionListCommand(
  user: string,
  options: RawIssuerOptions & { readonly limit: string },
  io: CommandIo,
): Promise<ExitCode> {
  const limit = parseLimit(options.limit);
  const administration = await openAdministration(options, io);
  const { id } = await findUser(administration, user);
  const sessions = await administration.list('/sessions', { user: String(id) }, limit);
  const newestFirst = sessions.toSorted((a, b) => Number(b['last_used_at']) - Number(a['last_used_at']));
  return showList(newestFirst, COLUMNS, options.json === true, io);
}

export interface RawEndOptions extends RawIssuerOptions {
  readonly user?: string;
  readonly wait: string;
}

export async function sessionEndCommand(
  session: string | undefined,
  options: RawEndOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { user, json } = options;
  const wait = waitQuery(options.wait);
  if ((session === undefined) === (user === undefined)) throw misuse('name a session, or a user with --user');
  const administration = await openAdministration(options, io);
  if (session !== undefined) {
    const answer = await administration.call('DELETE', `/sessions/${encodeURIComponent(session)}?${wait}`);
    return showConfirmation('the session has ended', answer, json === true, io);
  }
  const { id } = await findUser(administration, user ?? '');
  const answer = await administration.call('DELETE', `/sessions?user=${String(id)}&${wait}`);
  return showConfirmation(`every session of ${user} has ended`, answer, json === true, io);
}

/** What can be revoked, by the words of the command; the log calls a user a subject. */
export const REVOCABLE = ['token', 'session', 'family', 'user', 'client'] as const;

export interface RawRevokeOptions extends RawIssuerOptions {
  readonly token?: string;
  readonly wait: string;
}

export async function revokeCommand(
  kind: string,
  id: string | undefined,
  options: RawRevokeOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const wait = waitQuery(options.wait);
  if (options.token !== undefined && kind !== 'token') throw misuse('--token goes with "revoke token"');
  if ((id === undefined) === (options.token === undefined)) {
    throw misuse(kind === 'token' ? 'name the token by its jti, or give it with --token' : `say which ${kind}`);
  }
  const token = options.token === undefined ? undefined : await readSecretSource(options.token, '--token', io);
  const administration = await openAdministration(options, io);
  const named =
    token !== undefined
      ? { kind, token: token.bytes.toString('utf8').trim() }
      : kind === 'token'
        ? { kind, jti: id }
        : kind === 'user'
          ? { kind: 'subject', id: (await findUser(administration, id ?? ''))['id'] }
          : { kind, id };
  const answer = await administration.call('POST', `/revocations?${wait}`, named);
  return showConfirmation('revoked', answer, options.json === true, io);
}
