/** The `sealgate` command of this checkout, as a user starts it. */
import path from 'node:path';
import { MEASURED_CORE, type Running, start } from './process.ts';

const COMMAND = path.join(import.meta.dirname, '../../packages/sealgate/bin/sealgate.js');

export interface Serving {
  /** How it is called in the tables. */
  readonly name: string;
  readonly role: 'issuer' | 'gateway';
  /** Configuration file; what it names is relative to its folder. */
  readonly file: string;
  readonly port: number;
  /** Options of Node itself, which a user would set in the service's unit file. */
  readonly nodeOptions?: readonly string[];
}

/** `sealgate serve ROLE -c FILE` on the measured core. */
export function serveSealgate({ name, role, file, port, nodeOptions = [] }: Serving): Promise<Running> {
  const args = [...nodeOptions, COMMAND, 'serve', role, '-c', file];
  return start({ name, command: 'node', args, port, core: MEASURED_CORE, cwd: path.dirname(file) });
}
