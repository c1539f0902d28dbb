/**
 * Loading a configuration: file to text, text to strict YAML (`yaml-document.ts`), values to a typed, deep-frozen object through a
 * zod schema. It is all or nothing, and every fault found is reported at once, each with its line and column.
 *
 * This does not watch files and does not merge them: one file is one configuration.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type * as z from 'zod';
import { ConfigError, jsonPointer } from './config-error.ts';
import { withConfigContext } from './context.ts';
import { deepFreeze } from './freeze.ts';
import { configJsonSchema } from './json-schema.ts';
import { describeIssues } from './schema-issues.ts';
import { parseYamlDocument } from './yaml-document.ts';
import type { YamlDocument } from './yaml-document.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;

export interface LoadConfigOptions {
  /** Where `env:NAME` looks. Default: the process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Largest file, in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
}

export interface ParseConfigOptions extends LoadConfigOptions {
  /** Name for error messages. Default: none, and no positions. */
  readonly file?: string;
  /** Folder that relative paths start from. Default: the working directory. */
  readonly folder?: string;
}

/**
 * The configuration in a file, checked, with defaults filled in, frozen all the way down.
 *
 * @param file - Path; relative paths inside the file start from its folder.
 * @throws {ConfigError} `file_unreadable`, `file_too_large`, `yaml_invalid`, `config_invalid`.
 */
export function loadConfigFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  options: LoadConfigOptions = {},
): z.output<Schema> {
  const text = readConfigText(file, options.maxBytes);
  return parseConfigText(text, schema, { ...options, file, folder: path.dirname(path.resolve(file)) });
}

/**
 * The same from text that is already at hand.
 *
 * @throws {ConfigError} `yaml_invalid`, `config_invalid`.
 */
export function parseConfigText<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  options: ParseConfigOptions = {},
): z.output<Schema> {
  const document = parseYamlDocument(text, options.file ?? 'configuration');
  return check(document.value, schema, options, document);
}

/**
 * The same from an object, as a program writes it: the file's terms (`'10m'`), not the typed ones.
 *
 * @throws {ConfigError} `config_invalid`, without positions.
 */
export function parseConfig<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
  options: ParseConfigOptions = {},
): z.output<Schema> {
  return check(value, schema, options, undefined);
}

function check<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
  options: ParseConfigOptions,
  document: YamlDocument | undefined,
): z.output<Schema> {
  const context = { folder: options.folder ?? process.cwd(), environment: options.environment ?? process.env };
  const result = withConfigContext(context, () => schema.safeParse(value));
  if (result.success) return deepFreeze(result.data);
  const issues = describeIssues(result.error.issues, value, configJsonSchema(schema)).map((issue) => {
    const position = issue.onKey ? document?.locateKey(issue.path) : document?.locateValue(issue.path);
    return {
      path: jsonPointer(issue.path),
      line: position?.line,
      column: position?.column,
      message: issue.message,
      suggestion: issue.suggestion,
    };
  });
  issues.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  throw new ConfigError('config_invalid', options.file, issues);
}

/**
 * The text of a configuration file, for whoever hands it on to be parsed.
 *
 * @throws {ConfigError} `file_unreadable`, `file_too_large`, `yaml_invalid` for what is not UTF-8.
 */
export function readConfigText(file: string, maxBytes = DEFAULT_MAX_BYTES): string {
  const fail = (code: 'file_unreadable' | 'file_too_large' | 'yaml_invalid', message: string, suggestion?: string) =>
    new ConfigError(code, file, [{ path: '', line: undefined, column: undefined, message, suggestion }]);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    if (size > maxBytes) throw fail('file_too_large', `the file has ${size} bytes; at most ${maxBytes} are read`);
    const bytes = readFileSync(descriptor);
    if (bytes.length > maxBytes) throw fail('file_too_large', `the file has more than ${maxBytes} bytes`);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT') throw fail('file_unreadable', 'there is no such file', 'name one with -c FILE');
    if (code === 'EISDIR') throw fail('file_unreadable', 'this is a folder', 'name a file with -c FILE');
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw fail('yaml_invalid', 'the file is not UTF-8 text');
    throw fail('file_unreadable', `the file cannot be read (${code || 'unknown reason'})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
