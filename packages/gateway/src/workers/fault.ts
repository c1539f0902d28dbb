/** Errors between processes: what a message, a log and the command need of them, and the errors they were caused by. */

import { GATEWAY_ERRORS, GatewayError, type GatewayErrorCode } from '../errors.ts';

export interface PackedFault {
  readonly name: string;
  readonly message: string;
  /** Of our errors and of the system's: `code`, `syscall`, `port`, and what else is told by text or number. */
  readonly members: Readonly<Record<string, string | number>>;
  readonly cause?: PackedFault;
}

/** Causes further down are left out. */
const DEEPEST = 4;

export function packFault(error: unknown, depth = 0): PackedFault {
  if (!(error instanceof Error)) return { name: 'Error', message: 'not an error', members: {} };
  const members = Object.entries(error).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return {
    name: error.name,
    message: error.message,
    members: Object.fromEntries(members),
    ...(error.cause === undefined || depth === DEEPEST ? {} : { cause: packFault(error.cause, depth + 1) }),
  };
}

/** Our own errors are of their class again. */
export function unpackFault({ name, message, members, cause }: PackedFault): Error {
  const options = cause === undefined ? {} : { cause: unpackFault(cause) };
  if (name === GatewayError.name && isGatewayErrorCode(members['code'])) {
    return new GatewayError(members['code'], message, options);
  }
  return Object.assign(new Error(message, options), members, { name });
}

const isGatewayErrorCode = (code: unknown): code is GatewayErrorCode =>
  typeof code === 'string' && Object.hasOwn(GATEWAY_ERRORS, code);
