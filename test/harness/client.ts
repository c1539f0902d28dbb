/** What a client application does, over plain HTTP: the requests that tests make again and again. */
import { DEMO_USER, DEMO_WORKER } from './demo.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined if it is none. */
  readonly json: Record<string, unknown> | undefined;
}

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  return request(url, init);
}

export function postForm(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return request(url, { method: 'POST', headers, body: new URLSearchParams(form) });
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly session: string;
}

/** The tokens in an answer. Throws if there are none: the answer is then what the test must show. */
export function tokensOf(answer: Answer): Tokens {
  const { access_token: access, refresh_token: refresh, session } = answer.json ?? {};
  if (answer.status !== 200 || typeof access !== 'string' || typeof refresh !== 'string') {
    throw new Error(`no tokens: ${answer.status} ${answer.text}`);
  }
  return { access, refresh, session: typeof session === 'string' ? session : '' };
}

export function requestLogin(issuer: string): Promise<Answer> {
  return postJson(`${issuer}/v1/login`, { ...DEMO_USER, client_id: 'orders-web' });
}

export async function logIn(issuer: string): Promise<Tokens> {
  return tokensOf(await requestLogin(issuer));
}

export function refresh(issuer: string, token: string): Promise<Answer> {
  return postJson(`${issuer}/v1/refresh`, { refresh_token: token, client_id: 'orders-web' });
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

export const basic = ({ id, secret }: { id: string; secret: string }): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

export function introspect(issuer: string, token: string): Promise<Answer> {
  return postForm(`${issuer}/oauth/introspect`, { token }, basic(DEMO_WORKER));
}
