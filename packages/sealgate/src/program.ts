/**
 * The tree of commands: names, options, help, in the order of the help. How a command is called stands in its own folder (`define-*.ts`); its
 * code is imported when it is called, so that `token decode` does not wait for a server to load.
 */
import { Command } from 'commander';
import { defineClient } from './admin/define-client.ts';
import { defineRevoke, defineSession, defineVerifiers } from './admin/define-session.ts';
import { defineUser } from './admin/define-user.ts';
import { defineAttack } from './attack/define-attack.ts';
import { defineAudit } from './audit/define-audit.ts';
import { defineCheck } from './check/define-check.ts';
import { withExamples } from './command-line/define.ts';
import type { Run } from './command-line/define.ts';
import { defineCompletion } from './completion/define-completion.ts';
import { defineCrack } from './crack/define-crack.ts';
import { defineExplain } from './explain/define-explain.ts';
import { defineKeys } from './keys/define-keys.ts';
import { defineMigrate } from './migrate/define-migrate.ts';
import { definePasswords } from './passwords/define-passwords.ts';
import { defineRoutes } from './routes/define-routes.ts';
import { defineServe } from './serve/define-serve.ts';
import { styleFor } from './terminal/style.ts';
import { defineToken } from './token/define-token.ts';
import { VERSION } from './version.ts';

/** Where help goes. */
export interface ProgramOutput {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly color: boolean;
}

export function buildProgram(output: ProgramOutput, run: Run): Command {
  const { bold } = styleFor(output);
  const program = new Command('sealgate')
    .description('Issues, guards, refreshes, revokes and explains JSON Web Tokens for APIs.')
    .version(VERSION)
    .option('--no-color', 'no colours, also on a terminal (as the environment variable NO_COLOR)')
    .configureHelp({ showGlobalOptions: false, styleTitle: bold })
    .configureOutput({
      writeOut: output.stdout,
      writeErr: output.stderr,
      outputError: () => undefined,
      getOutHasColors: () => output.color,
      getErrHasColors: () => output.color,
    })
    .exitOverride()
    .showSuggestionAfterError(true);
  defineServe(program, run);
  defineCheck(program, run);
  defineToken(program, run);
  defineKeys(program, run);
  defineCrack(program, run);
  defineExplain(program, run);
  defineRoutes(program, run);
  defineAudit(program, run);
  defineUser(program, run);
  defineClient(program, run);
  defineSession(program, run);
  defineRevoke(program, run);
  defineVerifiers(program, run);
  defineMigrate(program, run);
  definePasswords(program, run);
  defineAttack(program, run);
  defineCompletion(program, run);
  return withExamples(program, [
    ['sealgate serve -c sealgate.demo.yaml', 'issuer, gateway and an example API on this machine'],
    ['sealgate check -c sealgate.yaml', 'is the file right?'],
    ['pbpaste | sealgate token decode -', 'what is in this token?'],
    ['sealgate explain token.txt GET /orders/1 -c sealgate.yaml', 'why is it refused?'],
  ]);
}
