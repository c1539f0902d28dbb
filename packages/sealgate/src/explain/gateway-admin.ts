/** Asks the admin port of a running gateway. Its token comes from a file, a variable or a prompt. */
import type { ExplainedRequest } from '@sealgate/gateway';
import { misuse, unreadable } from '../command-error.ts';
import { readSecretSource } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';
import type { Asked } from './explain-command.ts';

export interface GatewayAddress {
  /** Base URL of the admin port. */
  readonly gateway: string;
  readonly adminToken: string | undefined;
}

/** As `GET /decisions/:request-id` answers. */
export interface Decision {
  readonly code?: string;
  readonly status?: number;
  readonly method?: string;
  readonly path?: string;
  readonly route?: string;
  readonly trace?: ExplainedRequest['steps'];
  readonly changes?: readonly string[];
}

const WITHIN_MS = 10_000;

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function askGateway(asked: Asked, address: GatewayAddress, io: CommandIo): Promise<ExplainedRequest> {
  const body = JSON.stringify(asked);
  return (await call('/explain', { method: 'POST', body }, address, io)) as ExplainedRequest;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function readDecision(requestId: string, address: GatewayAddress, io: CommandIo): Promise<Decision> {
  return (await call(`/decisions/${encodeURIComponent(requestId)}`, {}, address, io)) as Decision;
}

async function call(path: string, init: RequestInit, address: GatewayAddress, io: CommandIo): Promise<unknown> {
  const url = urlOf(address.gateway, path);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (address.adminToken !== undefined) {
    const { bytes } = await readSecretSource(address.adminToken, '--admin-token', io);
    headers['authorization'] = `Bearer ${bytes.toString('utf8').trim()}`;
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, headers, redirect: 'error', signal: AbortSignal.timeout(WITHIN_MS) });
    text = await response.text();
  } catch {
    throw unreadable(address.gateway, 'no gateway answers there; --gateway takes the address of its admin port');
  }
  const answer = parse(text);
  if (response.ok && typeof answer === 'object' && answer !== null) return answer;
  const detail = typeof answer === 'object' && answer !== null && 'detail' in answer ? String(answer.detail) : '';
  const hint = response.status === 401 ? 'it asks for its token: --admin-token FILE' : detail;
  throw unreadable(address.gateway, `the answer is ${response.status}${hint === '' ? '' : `: ${hint}`}`);
}

function urlOf(base: string, path: string): URL {
  try {
    const url = new URL(path, base);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // Told below.
  }
  throw misuse('--gateway takes the address of the admin port, such as http://127.0.0.1:8081');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
