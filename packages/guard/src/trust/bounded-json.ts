/**
 * One answer over HTTP, most often a JSON object, bounded in time and size. Redirects are not followed: an issuer's answer must not choose whom a
 * verifier talks to next (ATTACKS.md T24).
 */
import { isJsonObject, type JsonObject } from '../json.ts';

export interface BoundedRequest {
  readonly fetch: typeof globalThis.fetch;
  readonly url: URL;
  readonly init?: RequestInit;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

type Answer<Body> =
  | { readonly ok: true; readonly body: Body; readonly mediaType: string }
  | { readonly ok: false; readonly status: number };

/** A status other than 200 is `ok: false`; everything else that is not a JSON object is thrown, without quoting the answer. */
export async function requestJson(request: BoundedRequest): Promise<Answer<JsonObject>> {
  const answer = await requestText(request);
  return answer.ok ? { ...answer, body: parseObject(answer.body) } : answer;
}

/** @throws {Error} for what is not a JSON object, without quoting it. */
export function parseObject(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
  if (!isJsonObject(body)) throw new Error('the answer is not a JSON object');
  return body;
}

/** The same for an answer of any kind. */
export async function requestText(request: BoundedRequest): Promise<Answer<string>> {
  const response = await request.fetch(request.url, {
    ...request.init,
    redirect: 'manual',
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    return { ok: false, status: response.status };
  }
  const [mediaType = ''] = (response.headers.get('content-type') ?? '').toLowerCase().split(';');
  return { ok: true, body: await readText(response, request.maxBytes), mediaType: mediaType.trim() };
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let size = 0;
  let text = '';
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
