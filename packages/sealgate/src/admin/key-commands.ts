/** `sealgate keys list`, `rotate` and `compromise`, and `sealgate verifiers`: the signing keys of a running issuer, and who follows them. */
import type { RawIssuerOptions } from '../command-line/issuer-options.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { openAdministration, type Json } from './administration.ts';
import { moment, showConfirmation, showList, text, waitQuery, type Column } from './render.ts';

const KEYS: readonly Column[] = [
  ['kid', (key) => text(key['kid'])],
  ['algorithm', (key) => text(key['algorithm'])],
  ['state', (key) => text(key['state'])],
  ['created', (key) => moment(key['created_at'])],
  ['signs since', (key) => moment(key['activated_at'])],
  ['signs not before', (key) => moment(key['promote_after'])],
  ['where', (key) => text(key['key_store'])],
];

export async function keyListCommand(options: RawIssuerOptions, io: CommandIo): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  const { items } = await administration.call('GET', '/keys');
  return showList(items as readonly Json[], KEYS, options.json === true, io);
}

export async function keyRotateCommand(algorithm: string, options: RawIssuerOptions, io: CommandIo): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  const { items } = await administration.call('POST', '/keys/rotate', { algorithm });
  const live = (items as readonly Json[]).filter(({ state }) => state === 'active' || state === 'announced');
  return showList(live, KEYS, options.json === true, io);
}

export async function keyCompromiseCommand(
  kid: string,
  options: RawIssuerOptions & { readonly wait: string },
  io: CommandIo,
): Promise<ExitCode> {
  const wait = waitQuery(options.wait);
  const administration = await openAdministration(options, io);
  const answer = await administration.call('POST', `/keys/${encodeURIComponent(kid)}/compromise?${wait}`);
  return showConfirmation('the key is distrusted and replaced', answer, options.json === true, io);
}

const VERIFIERS: readonly Column[] = [
  ['name', (verifier) => text(verifier['name'])],
  ['client', (verifier) => text(verifier['client_id'])],
  ['program', (verifier) => text(verifier['agent'])],
  ['behind', (verifier) => String(verifier['lag'])],
  ['confirmed', (verifier) => moment(verifier['confirmed_at'])],
  ['connected', (verifier) => moment(verifier['connected_at'])],
];

export async function verifiersCommand(options: RawIssuerOptions, io: CommandIo): Promise<ExitCode> {
  const administration = await openAdministration(options, io);
  const answer = await administration.call('GET', '/verifiers');
  if (options.json === true) return showList([answer], [], true, io);
  const exit = showList(answer['items'] as readonly Json[], VERIFIERS, false, io);
  for (const { process, verifiers, lag } of answer['other_processes'] as readonly Json[]) {
    io.stdout(`and ${String(verifiers)} at the issuer process ${text(process)}, ${String(lag)} behind\n`);
  }
  return exit;
}
