/** Why a server did not start, told in the terms of the configuration: which key is at fault, and what to do. */
import { GatewayError } from '@sealgate/gateway';
import { IssuerError, SignerError } from '@sealgate/issuer';
import { CommandError } from '../command-error.ts';
import type { Listener } from '../config/listeners.ts';

/** The error as a {@link CommandError}; as it is, if it is nobody's typed answer. */
export function describeStartFailure(error: unknown, listeners: readonly Listener[]): unknown {
  const refused = findListenError(error);
  if (refused !== undefined) return describeListenError(refused, listeners);
  if (error instanceof IssuerError || error instanceof GatewayError || error instanceof SignerError) {
    const section = error instanceof GatewayError ? 'gateway' : 'issuer';
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return new CommandError('start_failed', `the ${section} did not start: ${error.message}${cause} [${error.code}]`);
  }
  return error;
}

interface ListenError {
  readonly code: string;
  readonly port: number;
}

function describeListenError({ code, port }: ListenError, listeners: readonly Listener[]): CommandError {
  const found = listeners.find((listener) => listener.port === port);
  const key = found?.path.join('.');
  const where = found === undefined ? `port ${port}` : `port ${port} of ${found.host} (${key})`;
  const remedy = key === undefined ? 'change the port' : `change ${key}`;
  switch (code) {
    case 'EADDRINUSE':
      return new CommandError('port_in_use', `${where} is in use: stop the program that listens there, or ${remedy}`);
    case 'EACCES':
      return new CommandError('start_failed', `${where} may not be used: ports below 1024 need privileges; ${remedy}`);
    case 'EADDRNOTAVAIL':
      return new CommandError('start_failed', `${where} is not an address of this machine; ${remedy}`);
    default:
      return new CommandError('start_failed', `${where} cannot be listened on (${code}); ${remedy}`);
  }
}

/** A worker is told so when it asks for the address. */
const LISTENING: ReadonlySet<unknown> = new Set(['listen', 'bind']);

/** The system's refusal, however deep the servers have wrapped it. */
function findListenError(error: unknown): ListenError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('syscall' in current && LISTENING.has(current.syscall) && 'code' in current && 'port' in current) {
      return { code: String(current.code), port: Number(current.port) };
    }
  }
  return undefined;
}
