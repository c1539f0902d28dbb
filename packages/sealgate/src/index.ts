/** The command as a library: run it in a process of your own, or load the configuration it serves. */
export { runCommand } from './cli.ts';
export { COMMAND_ERROR_CODES, CommandError } from './command-error.ts';
export type { CommandErrorCode } from './command-error.ts';
export { configSchema } from './config/schema.ts';
export type { SealgateConfig } from './config/schema.ts';
export { renderWalkMarkdown } from './demo/walk.ts';
export { EXIT } from './exit-code.ts';
export type { ExitCode } from './exit-code.ts';
export { processIo } from './io.ts';
export type { CommandIo } from './io.ts';
export { buildProgram } from './program.ts';
export { describeTree, flattenTree } from './command-line/command-tree.ts';
export type { TreeCommand } from './command-line/command-tree.ts';
