/** `sealgate client ...`: the clients of a running issuer, and their secrets. */
import { misuse } from '../command-error.ts';
import type { RawIssuerOptions } from '../command-line/issuer-options.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { writeKey } from '../keys/key-file.ts';
import { parseMoment } from '../command-line/moment.ts';
import { openAdministration, type Json } from './administration.ts';
import { moment, parseLimit, showDone, showList, showRecord, text, words, type Column } from './render.ts';

const stateOf = (client: Json): string => (client['disabled'] === true ? 'disabled' : 'enabled');
const secretsOf = (client: Json): readonly Json[] =>
  Array.isArray(client['secrets']) ? (client['secrets'] as Json[]) : [];

const COLUMNS: readonly Column[] = [
  ['id', (client) => text(client['id'])],
  ['secrets', (client) => (client['confidential'] === true ? String(secretsOf(client).length) : 'public')],
  ['grants', (client) => words(client['grants'])],
  ['scopes', (client) => words(client['scopes'])],
  ['state', stateOf],
];

const MEMBERS: readonly Column[] = [
  ['id', (client) => text(client['id'])],
  ['name', (client) => text(client['name'])],
  ['state', stateOf],
  ['grants', (client) => words(client['grants'])],
  ['scopes', (client) => words(client['scopes'])],
  ['audiences', (client) => words(client['audiences'])],
  ['introspection', (client) => (client['introspection'] === true ? 'yes' : '')],
  ['created', (client) => moment(client['created_at'])],
  [
    'secrets',
    (client) =>
      client['confidential'] === true
        ? secretsOf(client)
            .map(({ id, created_at: created, expires_at: expires }) =>
              [text(id), `of ${moment(created)}`, expires === undefined ? '' : `until ${moment(expires)}`]
                .filter((part) => part !== '')
                .join(' '),
            )
            .join(', ')
        : 'none: a public client',
  ],
];

const pathOf = (id: string): string => `/clients/${encodeURIComponent(id)}`;

export async function clientListCommand(
  options: RawIssuerOptions & { readonly limit: string },
  io: CommandIo,
): Promise<ExitCode> {
  const limit = parseLimit(options.limit);
  const administration = await openAdministration(options, io);
  return showList(await administration.list('/clients', {}, limit), COLUMNS, options.json === true, io);
}

export async function clientShowCommand(id: string, options: RawIssuerOptions, io: CommandIo): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  return showRecord(await administration.call('GET', pathOf(id)), MEMBERS, options.json === true, io);
}

/** Where a new secret goes. */
interface RawSecretTarget {
  readonly out?: string;
  readonly force?: boolean;
}

export interface RawClientMembers extends RawIssuerOptions {
  readonly name?: string;
  readonly grant?: readonly string[];
  readonly scope?: readonly string[] | false;
  readonly audience?: readonly string[] | false;
  readonly introspection?: boolean;
}

export type RawClientCreateOptions = RawClientMembers & RawSecretTarget & { readonly confidential?: boolean };

export async function clientCreateCommand(
  id: string,
  options: RawClientCreateOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  const client = { id, confidential: options.confidential === true, ...members(options) };
  const made = await administration.call('POST', '/clients', client);
  const json = options.json === true;
  if (made['client_secret'] === undefined) return showRecord(made['client'] as Json, MEMBERS, json, io);
  return showSecret(made, options, io);
}

export async function clientSetCommand(id: string, options: RawClientMembers, io: CommandIo): Promise<ExitCode> {
  const change = members(options);
  if (Object.keys(change).length === 0) {
    throw misuse('say what is to change: --name, --grant, --scope, --audience, --introspection');
  }
  const administration = await openAdministration(options, io);
  return showRecord(await administration.call('PATCH', pathOf(id), change), MEMBERS, options.json === true, io);
}

function members({ name, grant, scope, audience, introspection }: RawClientMembers): object {
  return {
    ...(name === undefined ? {} : { name }),
    ...(grant === undefined ? {} : { grants: grant }),
    ...(scope === undefined ? {} : { scopes: scope === false ? [] : scope }),
    ...(audience === undefined ? {} : { audiences: audience === false ? [] : audience }),
    ...(introspection === undefined ? {} : { introspection }),
  };
}

export async function clientDisableCommand(
  id: string,
  disabled: boolean,
  options: RawIssuerOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  const changed = await administration.call('PATCH', pathOf(id), { disabled });
  const sentence = disabled ? `${id} is disabled; everything issued to it is revoked` : `${id} is enabled`;
  return showDone(sentence, changed, options.json === true, io);
}

export async function clientDeleteCommand(id: string, options: RawIssuerOptions, io: CommandIo): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  await administration.call('DELETE', pathOf(id));
  return showDone(`${id} is deleted; everything issued to it is revoked`, { id }, options.json === true, io);
}

export interface RawClientSecretOptions extends RawIssuerOptions, RawSecretTarget {
  readonly remove?: string;
  readonly expires?: string;
}

/** Adds one, or removes the one that is named. */
export async function clientSecretCommand(
  id: string,
  options: RawClientSecretOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { remove, expires } = options;
  if (remove !== undefined && (expires ?? options.out) !== undefined) throw misuse('--remove stands alone');
  const body = expires === undefined ? {} : { expires_at: parseMoment(expires, '--expires', io.nowSeconds()) };
  const administration = await openAdministration(options, io);
  if (remove === undefined) {
    return showSecret(await administration.call('POST', `${pathOf(id)}/secrets`, body), options, io);
  }
  await administration.call('DELETE', `${pathOf(id)}/secrets/${encodeURIComponent(remove)}`);
  return showDone(`the secret ${remove} of ${id} counts no more`, { id: remove }, options.json === true, io);
}

/** A new secret: on standard output, for it is shown this once, or in a file of its owner's alone. */
function showSecret(answer: Json, { out, force = false, json }: RawSecretTarget & RawIssuerOptions, io: CommandIo) {
  const { client_secret: secret, ...rest } = answer;
  if (out !== undefined && out !== '-') writeKey(`${String(secret)}\n`, { out, force, isPrivate: true }, io);
  const shown = out === undefined || out === '-' ? answer : rest;
  if (json === true) return showRecord(shown, [], true, io);
  io.stdout(out === undefined || out === '-' ? `${String(secret)}\n` : `the secret is in ${out}\n`);
  if (out === undefined) io.stderr('this is the secret; it is not shown again\n');
  return EXIT.yes;
}
