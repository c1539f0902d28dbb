/** What a configuration says of its issuer and of whoever may administrate it: the holder of its master key. */
import { Secret } from '@sealgate/service';
import {
  IssuerError,
  SignerError,
  builtInOperatorCredential,
  createMasterKeySource,
  systemRuntime,
  type OperatorCredential,
} from '@sealgate/issuer';
import { CommandError } from '../command-error.ts';
import { loadConfig } from '../config/load-config.ts';

export interface Operator {
  /** Address of the issuer. */
  readonly issuer: string;
  /** Empty unless it was asked for. */
  readonly credential: OperatorCredential;
}

/** @throws {CommandError} `config_invalid`, `config_unusable`, `input_unreadable`. */
export async function readOperator(file: string, withCredential: boolean): Promise<Operator> {
  const { issuer } = loadConfig(file);
  if (issuer === undefined) throw new CommandError('config_unusable', `${file} has no section "issuer"`);
  if (!withCredential) return { issuer: issuer.url, credential: { clientId: '', clientSecret: '' } };
  const reference = issuer.keys.masterKey;
  // A key file that is not there would be made, and be nobody's.
  if (reference instanceof Secret && !reference.present) {
    const where = 'keys.masterKey: it is not here; run this where the issuer runs, or give --admin-token';
    throw new CommandError('input_unreadable', where);
  }
  try {
    const masterKey = await createMasterKeySource(reference, systemRuntime).open();
    return { issuer: issuer.url, credential: builtInOperatorCredential(masterKey) };
  } catch (error) {
    if (!(error instanceof IssuerError) && !(error instanceof SignerError)) throw error;
    throw new CommandError('input_unreadable', error.message, { cause: error });
  }
}
