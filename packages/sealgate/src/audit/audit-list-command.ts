/** `sealgate audit list`: security events, for people or as lines of JSON. */
import { setTimeout as delay } from 'node:timers/promises';
import { ACTOR_NAME, AUDIT_EVENTS, type AuditOnDisk } from '@sealgate/issuer';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { suggestFrom } from '../command-line/suggest-from.ts';
import { parseMoment } from '../command-line/moment.ts';
import { openConfiguredAudit } from './open-configured.ts';

const LOOK_EVERY_MS = 500;
const MOST = 10_000;

export interface RawListOptions {
  readonly config: string;
  readonly event?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export async function auditListCommand(options: RawListOptions, io: CommandIo): Promise<ExitCode> {
  const { config, follow, json } = options;
  const limit = /^\d{1,5}$/u.test(options.limit) ? Number(options.limit) : 0;
  if (limit < 1 || limit > MOST) throw new CommandError('argument_invalid', `--limit: expected 1 to ${MOST}`);
  const filter = readFilter(options, io.nowSeconds());
  const audit = await openConfiguredAudit(config);
  const show = (line: string) => io.stdout(`${json === true ? line : readable(line)}\n`);
  try {
    if (follow !== true) {
      for (const line of await audit.list({ ...filter, limit })) show(line);
      return EXIT.yes;
    }
    // Before the list, so that nothing is missed between; what is in both is shown once.
    const newest = await audit.newest();
    const lines = await audit.list({ ...filter, limit });
    for (const line of lines.toReversed()) if (sequence(line) <= newest) show(line);
    return await followOn(audit, newest, filter, show);
  } finally {
    await audit.close();
  }
}

type Filter = Parameters<AuditOnDisk['after']>[1];

function readFilter({ event, subject, actor, since, until }: RawListOptions, nowSeconds: number): Filter {
  const names = Object.keys(AUDIT_EVENTS);
  if (event !== undefined && !names.includes(event)) {
    const message = `--event: there is no event ${JSON.stringify(event)}${suggestFrom(event, names)}`;
    throw new CommandError('argument_invalid', message);
  }
  if (actor !== undefined && !ACTOR_NAME.test(actor)) {
    throw new CommandError('argument_invalid', '--actor: expected user:ID, client:ID, issuer, operator or anonymous');
  }
  const moment = (text: string | undefined, option: string) =>
    text === undefined ? undefined : parseMoment(text, option, nowSeconds) * 1000;
  return { event, subject, actor, sinceMs: moment(since, '--since'), untilMs: moment(until, '--until') };
}

/** Until the process is told to end. */
async function followOn(
  audit: AuditOnDisk,
  from: number,
  filter: Filter,
  show: (line: string) => void,
): Promise<ExitCode> {
  for (let seq = from; ;) {
    const next = await audit.after(seq, filter);
    for (const line of next.lines) show(line);
    seq = next.seq;
    await delay(LOOK_EVERY_MS);
  }
}

function sequence(line: string): number {
  return (JSON.parse(line) as { seq: number }).seq;
}

interface Told {
  readonly time: string;
  readonly event: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly actor: { readonly kind: string; readonly id?: string };
  readonly subject?: string;
  readonly client_id?: string;
  readonly session?: string;
  readonly target?: string;
  readonly address?: string;
}

/** Time, what, how it came out, who, on what, from where. */
function readable(line: string): string {
  const told = JSON.parse(line) as Told;
  const words = (...parts: readonly (string | undefined)[]) => parts.filter((part) => part !== undefined).join(' ');
  const outcome = told.outcome === 'refused' ? words('REFUSED', told.reason) : 'ok';
  const on = words(told.subject, told.client_id, told.session, told.target);
  return words(
    `${told.time}  ${told.event}  ${outcome}  by ${words(told.actor.kind, told.actor.id)}`,
    on === '' ? undefined : ` on ${on}`,
    told.address === undefined ? undefined : ` from ${told.address}`,
  );
}
