/**
 * Secrets in a configuration: never in the file itself, only a reference to where one is kept: `file:PATH` (relative to the
 * configuration file) or `env:NAME`. The value is read when the configuration loads and shown to nobody by accident: a
 * {@link Secret} prints as `[redacted]`.
 */
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import * as z from 'zod';
import { configContext, resolveConfigPath } from './context.ts';

const REDACTED = '[redacted]';
const LARGEST_SECRET_BYTES = 64 * 1024;

export type SecretSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'value' };

/** A value that is only seen by calling {@link Secret.reveal}. */
export class Secret {
  /** Where it is kept; says nothing of its value. */
  readonly source: SecretSource;
  readonly #value: string | undefined;

  private constructor(source: SecretSource, value: string | undefined) {
    this.source = Object.freeze(source);
    this.#value = value;
  }

  /** A secret whose value is at hand, as tests and the composition of parts in one process have it. */
  static of(value: string): Secret {
    return new Secret({ kind: 'value' }, value);
  }

  /** @internal */
  static from(source: SecretSource, value: string | undefined): Secret {
    return new Secret(source, value);
  }

  /** False for a file that its owner creates on first start and that is not there yet. */
  get present(): boolean {
    return this.#value !== undefined;
  }

  /** @throws {TypeError} if it is not {@link present}. */
  reveal(): string {
    if (this.#value === undefined) throw new TypeError('this secret has no value yet');
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

export interface SecretOptions {
  /** A missing file is no error: the part that owns the key creates it (see {@link Secret.source}). Default false. */
  readonly mayBeCreated?: boolean;
}

/** A secret key: `file:PATH` or `env:NAME`. Its typed value is a {@link Secret}. One line break at the end is dropped. */
export function secret(options: SecretOptions = {}): z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>> {
  return z
    .string()
    .transform((reference, context) => {
      const found = readSecret(reference, options.mayBeCreated === true);
      if (found instanceof Secret) return found;
      context.issues.push({ code: 'custom', message: found, input: undefined });
      return z.NEVER;
    })
    .meta({ 'x-kind': 'secret', 'x-secret': true, pattern: '^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$' });
}

/** The secret, or what is wrong, without the reference: it may be a secret written in the wrong place. */
function readSecret(reference: string, mayBeCreated: boolean): Secret | string {
  const [, kind, rest = ''] = /^(file|env):(.+)$/su.exec(reference) ?? [];
  if (kind === 'env') return readFromEnvironment(rest);
  if (kind === 'file') return readFromFile(resolveConfigPath(rest), mayBeCreated);
  return 'expected a reference to a secret, "file:PATH" or "env:NAME"; a secret never stands in the file itself';
}

function readFromEnvironment(name: string): Secret | string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name)) return 'expected the name of an environment variable after "env:"';
  const value = configContext().environment[name];
  if (value === undefined || value === '') return `the environment variable ${name} is not set`;
  return Secret.from({ kind: 'env', name }, value);
}

function readFromFile(path: string, mayBeCreated: boolean): Secret | string {
  let value: string;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > LARGEST_SECRET_BYTES) return `the file ${path} is larger than 64kb`;
    value = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/u, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' && mayBeCreated) return Secret.from({ kind: 'file', path }, undefined);
    if (code === 'ENOENT') return `the file ${path} does not exist`;
    return code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
      ? `the file ${path} is not UTF-8 text`
      : `the file ${path} cannot be read (${code})`;
  }
  if (value === '') return `the file ${path} is empty`;
  return Secret.from({ kind: 'file', path }, value);
}
