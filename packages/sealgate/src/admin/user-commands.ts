/** `sealgate user ...`: the users of a running issuer. */
import { CommandError, misuse } from '../command-error.ts';
import type { RawIssuerOptions } from '../command-line/issuer-options.ts';
import { readSecretSource } from '../command-line/source.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { openAdministration, type Administration, type Json } from './administration.ts';
import { moment, parseLimit, showDone, showList, showRecord, text, words, type Column } from './render.ts';

const COLUMNS: readonly Column[] = [
  ['name', (user) => text(user['username'])],
  ['id', (user) => text(user['id'])],
  ['roles', (user) => words(user['roles'])],
  ['tenant', (user) => text(user['tenant'])],
  ['state', (user) => (user['disabled'] === true ? 'disabled' : 'enabled')],
  ['created', (user) => moment(user['created_at'])],
];

/** A name, or an id. @throws {CommandError} `issuer_refused`. */
export async function findUser(administration: Administration, user: string): Promise<Json> {
  if (/^usr_[\w-]{22}$/u.test(user)) return administration.call('GET', `/users/${user}`);
  const [found] = await administration.list('/users', { username: user }, 1);
  if (found === undefined) throw new CommandError('issuer_refused', `there is no user ${JSON.stringify(user)}`);
  return found;
}

const pathOf = (user: Json): string => `/users/${String(user['id'])}`;

export interface RawUserListOptions extends RawIssuerOptions {
  readonly tenant?: string;
  readonly limit: string;
}

export async function userListCommand(options: RawUserListOptions, io: CommandIo): Promise<ExitCode> {
  const limit = parseLimit(options.limit);
  const administration = await openAdministration(options, io);
  const query = options.tenant === undefined ? {} : { tenant: options.tenant };
  return showList(await administration.list('/users', query, limit), COLUMNS, options.json === true, io);
}

export async function userShowCommand(user: string, options: RawIssuerOptions, io: CommandIo): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  return showRecord(await findUser(administration, user), COLUMNS, options.json === true, io);
}

export interface RawUserOptions extends RawIssuerOptions {
  readonly role?: readonly string[];
  readonly tenant?: string;
}

export interface RawUserCreateOptions extends RawUserOptions {
  readonly password: string;
}

export async function userCreateCommand(
  username: string,
  options: RawUserCreateOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { role: roles = [], tenant } = options;
  const password = await readPassword(options.password, io);
  const administration = await openAdministration(options, io);
  const user = { username, password, roles, ...(tenant === undefined ? {} : { tenant }) };
  const made = await administration.call('POST', '/users', user);
  return showRecord(made, COLUMNS, options.json === true, io);
}

export interface RawUserSetOptions extends RawIssuerOptions {
  readonly name?: string;
  readonly role?: readonly string[] | false;
  readonly tenant?: string | false;
}

/** `--no-role` and `--no-tenant` are `false`. */
export async function userSetCommand(user: string, options: RawUserSetOptions, io: CommandIo): Promise<ExitCode> {
  const { name, role, tenant } = options;
  const change = {
    ...(name === undefined ? {} : { username: name }),
    ...(role === undefined ? {} : { roles: role === false ? [] : role }),
    ...(tenant === undefined ? {} : { tenant: tenant === false ? null : tenant }),
  };
  if (Object.keys(change).length === 0) throw misuse('say what is to change: --name, --role, --tenant');
  const administration = await openAdministration(options, io);
  const changed = await administration.call('PATCH', pathOf(await findUser(administration, user)), change);
  return showRecord(changed, COLUMNS, options.json === true, io);
}

export async function userDisableCommand(
  user: string,
  disabled: boolean,
  options: RawIssuerOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  const changed = await administration.call('PATCH', pathOf(await findUser(administration, user)), { disabled });
  const sentence = disabled ? `${user} is disabled; every session has ended` : `${user} is enabled`;
  return showDone(sentence, changed, options.json === true, io);
}

export interface RawUserPasswordOptions extends RawIssuerOptions {
  readonly password: string;
  readonly mail?: boolean;
}

export async function userPasswordCommand(
  user: string,
  options: RawUserPasswordOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const password = options.mail === true ? undefined : await readPassword(options.password, io);
  const administration = await openAdministration(options, io);
  const found = await findUser(administration, user);
  if (password === undefined) {
    await administration.call('POST', `${pathOf(found)}/password-reset`);
    const sentence = `the password of ${user} counts no more; a link to set another was mailed`;
    return showDone(sentence, found, options.json === true, io);
  }
  await administration.call('PUT', `${pathOf(found)}/password`, { password });
  return showDone(`${user} has the new password; every session has ended`, found, options.json === true, io);
}

export async function userDeleteCommand(user: string, options: RawIssuerOptions, io: CommandIo): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  const found = await findUser(administration, user);
  await administration.call('DELETE', pathOf(found));
  return showDone(`${user} is deleted`, found, options.json === true, io);
}

async function readPassword(source: string, io: CommandIo): Promise<string> {
  const { bytes } = await readSecretSource(source, '--password', io);
  return bytes.toString('utf8').replace(/\r?\n$/u, '');
}
