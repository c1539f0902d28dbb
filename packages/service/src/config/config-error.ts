/**
 * What can be wrong with a configuration file, and how it is said: where, what, and what to do. A message never holds a
 * value from the file (it may be a secret in the wrong place): only key names, positions and what was expected.
 */

/** The stable codes of {@link ConfigError}, each with what it means. */
export const CONFIG_ERROR_CODES = {
  file_unreadable: 'The file is missing, or may not be read.',
  file_too_large: 'The file is larger than the limit.',
  yaml_invalid: 'The file is not the plain YAML that a configuration may use.',
  config_invalid: 'A key is unknown, missing, or has a value that it may not have.',
} as const satisfies Readonly<Record<string, string>>;

export type ConfigErrorCode = keyof typeof CONFIG_ERROR_CODES;

/** One thing to mend. */
export interface ConfigIssue {
  /** Where in the document, as a JSON Pointer (RFC 6901); `''` is the whole document. */
  readonly path: string;
  /** Line in the file, from 1; undefined where there was no file. */
  readonly line: number | undefined;
  /** Column in the line, from 1; undefined where there was no file. */
  readonly column: number | undefined;
  /** What is wrong, as a sentence without its first capital and its full stop. */
  readonly message: string;
  /** What was probably meant, or what to do; undefined when nothing is near. */
  readonly suggestion: string | undefined;
}

/** A configuration that was refused; nothing of it is in use. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  /** The file as it was named by the caller; undefined when a value was checked that came from no file. */
  readonly file: string | undefined;
  readonly issues: readonly ConfigIssue[];

  constructor(code: ConfigErrorCode, file: string | undefined, issues: readonly ConfigIssue[]) {
    super(issues.map((issue) => formatConfigIssue(issue, file)).join('\n'));
    this.code = code;
    this.file = file;
    this.issues = Object.freeze(issues.map((issue) => Object.freeze({ ...issue })));
  }
}

/** One line: `FILE:LINE:COLUMN: /path: message; suggestion`, the form that editors and terminals turn into a link. */
export function formatConfigIssue(issue: ConfigIssue, file: string | undefined): string {
  const position = issue.line === undefined ? [] : [issue.line, issue.column ?? 1];
  const place = [file ?? 'configuration', ...position].join(':');
  const path = issue.path === '' ? '' : `${issue.path}: `;
  const suggestion = issue.suggestion === undefined ? '' : `; ${issue.suggestion}`;
  return `${place}: ${path}${issue.message}${suggestion}`;
}

/** Path segments as a JSON Pointer (RFC 6901 section 3). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
