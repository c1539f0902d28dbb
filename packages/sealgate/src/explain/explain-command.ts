/**
 * `sealgate explain`: the decision on one request, rule by rule, with what would have to change. It is made by the code that the gateway runs:
 * here, with a configuration, or in a gateway that runs.
 */
import type { ExplainedRequest } from '@sealgate/gateway';
import { misuse, unreadable } from '../command-error.ts';
import { readSource } from '../command-line/source.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { safeJson } from '../terminal/safe-text.ts';
import { readToken } from '../token/token-input.ts';
import { askGateway, readDecision } from './gateway-admin.ts';
import { renderDecision, renderExplanation } from './render-explanation.ts';

export interface RawExplainOptions {
  readonly config?: string;
  readonly header?: readonly string[];
  readonly jwks?: readonly string[];
  readonly gateway?: string;
  readonly adminToken?: string;
  readonly decision?: string;
  readonly json?: boolean;
}

export interface ExplainArguments {
  readonly token: string | undefined;
  readonly method: string | undefined;
  readonly url: string | undefined;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`, `config_invalid`, `config_unusable`. */
export async function explainCommand(
  { token, method, url }: ExplainArguments,
  options: RawExplainOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { gateway, config, decision, json = false } = options;
  if (gateway !== undefined && config !== undefined) throw misuse('give either --gateway or -c, not both');
  if (decision !== undefined) {
    if (gateway === undefined || token !== undefined)
      throw misuse('--decision goes with --gateway, and without a token');
    const found = await readDecision(decision, { gateway, adminToken: options.adminToken }, io);
    io.stdout(json ? `${safeJson(found)}\n` : renderDecision(found, io));
    return found.code === 'allowed' ? EXIT.yes : EXIT.no;
  }
  if (token === undefined || method === undefined || url === undefined) {
    throw misuse('say what the request is: TOKEN METHOD URL, such as: sealgate explain token.txt GET /orders/1');
  }
  const asked = {
    method,
    url,
    headers: parseHeaders(options.header ?? []),
    ...(token === 'none' ? {} : { token: await readToken(token, io) }),
  };
  const explained =
    gateway === undefined
      ? await explainHere(asked, options, io)
      : await askGateway(asked, { gateway, adminToken: options.adminToken }, io);
  io.stdout(json ? `${safeJson(explained)}\n` : renderExplanation(explained, io));
  return explained.allow ? EXIT.yes : EXIT.no;
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly token?: string;
}

async function explainHere(asked: Asked, options: RawExplainOptions, io: CommandIo): Promise<ExplainedRequest> {
  if (options.adminToken !== undefined) throw misuse('--admin-token goes with --gateway');
  const { explainByConfig } = await import('./explain-by-config.ts');
  const keySets: Record<string, unknown> = {};
  for (const text of options.jwks ?? []) {
    const at = text.indexOf('=');
    if (at < 1) throw misuse('--jwks takes the name of a configured issuer and a file, such as main=jwks.json');
    const { bytes, name } = await readSource(text.slice(at + 1), io);
    keySets[text.slice(0, at)] = parseJson(bytes.toString('utf8'), name);
  }
  return explainByConfig(asked, { file: options.config ?? 'sealgate.yaml', keySets }, io);
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(name, 'it is not JSON');
  }
}

function parseHeaders(fields: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const [, name, value] = /^([^:\s]+):\s*(.*?)\s*$/su.exec(field) ?? [];
    if (name === undefined || value === undefined)
      throw misuse('--header takes a name and a value, such as "X-Tenant-Id: acme"');
    headers[name] = value;
  }
  return headers;
}
