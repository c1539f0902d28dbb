/** The options that say which issuer is administrated, and as whom: alike in every command that asks a running issuer. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { configOption, jsonOption, valued } from './define.ts';

/** As given. */
export interface RawIssuerOptions {
  readonly config: string;
  readonly issuer?: string;
  readonly adminToken?: string;
  readonly json?: boolean;
}

export function withIssuerOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .addOption(
      valued(new Option('--issuer <url>', 'the issuer; default: "issuer.url" of the configuration'), 'nothing'),
    )
    .addOption(
      new Option(
        '--admin-token <source>',
        'a token for the administration: a file, env:NAME, or "prompt"; default: one by the master key of the configuration',
      ),
    )
    .addOption(jsonOption());
}

export function waitOption(): Option {
  return valued(
    new Option('--wait <seconds>', 'for how long to wait for the verifiers to confirm, up to 30').default('10'),
    'nothing',
  );
}
