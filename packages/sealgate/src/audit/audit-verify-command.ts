/** `sealgate audit verify`: is the chain of security events whole? */
import type { ChainFault } from '@sealgate/issuer';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { openConfiguredAudit } from './open-configured.ts';

export interface AuditVerifyArguments {
  readonly config: string;
  readonly head?: string;
  readonly json?: boolean;
}

export async function auditVerifyCommand(
  { config, head, json }: AuditVerifyArguments,
  io: CommandIo,
): Promise<ExitCode> {
  const noted = head === undefined ? undefined : parseHead(head);
  const audit = await openConfiguredAudit(config);
  try {
    const report = await audit.verify(noted);
    const valid = report.faults.length === 0;
    if (json === true) io.stdout(`${JSON.stringify({ valid, ...report }, null, 2)}\n`);
    else {
      const { rows, waiting } = report;
      const lines = report.faults.map((fault) => `FAULT  ${describe(fault)}`);
      const verdict = valid ? 'the audit is whole' : 'the audit was tampered with';
      lines.push(`${verdict}: ${rows} events${waiting === 0 ? '' : `, and ${waiting} that wait to be sealed`}`);
      lines.push(`head ${report.head.seq}:${report.head.mac}`);
      io.stdout(`${lines.join('\n')}\n`);
    }
    return valid ? EXIT.yes : EXIT.no;
  } finally {
    await audit.close();
  }
}

function parseHead(text: string): { seq: number; mac: string } {
  const [, seq, mac] = /^(\d{1,15}):([\w-]{43})$/u.exec(text) ?? [];
  if (seq === undefined || mac === undefined) {
    throw new CommandError('argument_invalid', '--head: expected NUMBER:HASH, as "audit verify" prints it');
  }
  return { seq: Number(seq), mac };
}

function describe(fault: ChainFault): string {
  switch (fault.kind) {
    case 'altered':
      return `event ${fault.seq} is not what was written`;
    case 'removed':
      return `events ${fault.from} to ${fault.to} are gone`;
    case 'truncated':
      return `the newest events, ${fault.from} to ${fault.to}, are gone`;
    case 'added':
      return `event ${fault.seq} was added`;
    case 'head_altered':
      return 'the head, which says how far the audit reaches, is not what was written';
    case 'rolled_back':
      return `event ${fault.seq} is not the one that was noted down: an older state of the database was put back`;
    default:
      return fault satisfies never;
  }
}
