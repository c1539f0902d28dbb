/**
 * A running issuer's administration (`/admin/v1`), as the commands call it: with a token that was given, or with one that whoever holds the master key
 * gets (ADR 21). Secrets go to the issuer over TLS, or stay on this machine.
 */
import { isLoopbackHost } from '@sealgate/service';
import { CommandError, misuse, unreadable } from '../command-error.ts';
import type { RawIssuerOptions } from '../command-line/issuer-options.ts';
import { readSecretSource } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';
import { safeSentence } from '../terminal/safe-text.ts';

const WITHIN_MS = 45_000;
const PAGE = 200;

export interface Administration {
  /** The JSON that the issuer answers. @throws {CommandError} */
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Json>;
  /** Items of a list, at most `limit`, page by page. @throws {CommandError} */
  list(path: string, query: Readonly<Record<string, string>>, limit: number): Promise<readonly Json[]>;
}

export type Json = Readonly<Record<string, unknown>>;

/** @throws {CommandError} `argument_invalid`, `input_unreadable`, `config_invalid`, `config_unusable`, `issuer_denied`. */
export async function openAdministration(options: RawIssuerOptions, io: CommandIo): Promise<Administration> {
  const { url, token } = await authorize(options, io);
  const call: Administration['call'] = async (method, path, body) => {
    const init = {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const { status, answer } = await ask(url, `/admin/v1${path}`, init);
    if (status >= 200 && status < 300) return answer;
    throw refusal(url, status, answer);
  };
  return {
    call,
    async list(path, query, limit) {
      const items: Json[] = [];
      for (let cursor: unknown; ;) {
        const asked = new URLSearchParams({ ...query, limit: String(Math.min(limit - items.length, PAGE)) });
        if (typeof cursor === 'string') asked.set('cursor', cursor);
        const page = await call('GET', `${path}?${asked.toString()}`);
        if (Array.isArray(page['items'])) items.push(...(page['items'] as Json[]));
        cursor = page['next_cursor'];
        if (cursor === undefined || items.length >= limit) return items;
      }
    },
  };
}

async function authorize(options: RawIssuerOptions, io: CommandIo): Promise<{ url: string; token: string }> {
  if (options.adminToken !== undefined && options.issuer !== undefined) {
    return { url: parseIssuer(options.issuer), token: await readToken(options.adminToken, io) };
  }
  // With address and token given, no configuration is read, and nothing loaded that reads one.
  const { readOperator } = await import('./operator.ts');
  const operator = await readOperator(options.config, options.adminToken === undefined);
  const url = parseIssuer(options.issuer ?? operator.issuer);
  if (options.adminToken !== undefined) return { url, token: await readToken(options.adminToken, io) };
  const { clientId, clientSecret } = operator.credential;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const { status, answer } = await ask(url, '/oauth/token', { method: 'POST', body: new URLSearchParams(form) });
  const token = answer['access_token'];
  if (status === 200 && typeof token === 'string') return { url, token };
  const detail = 'it knows another master key than the configuration names, or its built-in operator was disabled';
  if (status === 401)
    throw new CommandError('issuer_denied', `${url} gives no token for its administration: ${detail}`);
  throw refusal(url, status, answer);
}

async function readToken(source: string, io: CommandIo): Promise<string> {
  const { bytes, name } = await readSecretSource(source, '--admin-token', io);
  const token = bytes.toString('utf8').trim();
  // What stands in a header is no place for anything else.
  if (!/^[\w.~+/-]+=*$/u.test(token)) throw unreadable(name, 'it holds no access token');
  return token;
}

function parseIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.search + url.hash !== '') {
    throw misuse('--issuer takes the address of the issuer, such as https://id.acme.test');
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw misuse(`${url.origin}: a secret goes to another machine over https alone`);
  }
  return text.replace(/\/$/u, '');
}

async function ask(url: string, path: string, init: RequestInit): Promise<{ status: number; answer: Json }> {
  try {
    const response = await fetch(url + path, { ...init, redirect: 'error', signal: AbortSignal.timeout(WITHIN_MS) });
    const text = await response.text();
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof answer === 'object' && answer !== null) return { status: response.status, answer: { ...answer } };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw unreadable(url, 'no issuer answers there; is it running?');
  }
  throw unreadable(url, 'what answers there is no issuer');
}

/** In the issuer's words. */
function refusal(url: string, status: number, { detail, error_description: description }: Json): CommandError {
  const told = detail ?? description;
  const words = safeSentence(typeof told === 'string' ? told : `the answer is ${status}`);
  if (status === 400) return misuse(words);
  if (status === 401 || status === 403) return new CommandError('issuer_denied', `${url}: ${words}`);
  if (status === 404 || status === 409 || status === 412) return new CommandError('issuer_refused', words);
  return unreadable(url, words);
}
