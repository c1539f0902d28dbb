/** The explanation by a configuration file, without a gateway that runs. */
import { createRehearsal, GatewayError } from '@sealgate/gateway';
import type { ExplainedRequest } from '@sealgate/gateway';
import { CommandError, misuse } from '../command-error.ts';
import { suggestFrom } from '../command-line/suggest-from.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CommandIo } from '../io.ts';
import type { Asked } from './explain-command.ts';

export interface ConfigToExplainBy {
  readonly file: string;
  /** By the name of their issuer. */
  readonly keySets: Readonly<Record<string, unknown>>;
}

/** @throws {CommandError} `argument_invalid`, `config_invalid`, `config_unusable`. */
export async function explainByConfig(
  asked: Asked,
  { file, keySets }: ConfigToExplainBy,
  io: CommandIo,
): Promise<ExplainedRequest> {
  const { gateway } = loadConfig(file);
  if (gateway === undefined) throw new CommandError('config_unusable', `${file} has no section "gateway"`);
  const known = Object.keys(gateway.issuers);
  for (const name of Object.keys(keySets)) {
    if (!known.includes(name))
      throw misuse(`--jwks: ${file} has no issuer ${JSON.stringify(name)}${suggestFrom(name, known)}`);
  }
  const rehearsal = await createRehearsal({ config: gateway, keySets, now: io.nowSeconds });
  try {
    return await rehearsal.explain(asked);
  } catch (error) {
    if (error instanceof GatewayError) throw misuse(error.message);
    throw error;
  } finally {
    await rehearsal.close();
  }
}
