/** Files that reports are written to. Whether they can be is asked before the attack: nobody likes to lose its result. */
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '../../command-error.ts';

/** @throws {CommandError} `output_refused`. */
export function assertWritable(file: string): void {
  try {
    accessSync(path.dirname(file), constants.W_OK);
  } catch (error) {
    throw new CommandError('output_refused', `${file}: its folder cannot be written to`, { cause: error });
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new CommandError('output_refused', `${file}: it is a folder`);
  }
}

/** @throws {CommandError} `output_refused`. */
export function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CommandError('output_refused', `${file}: it cannot be written`, { cause: error });
  }
}
