/**
 * One JSON object over HTTP, bounded in time and size. Redirects are not followed: an issuer's answer must not choose whom a
 * verifier talks to next (ATTACKS.md T24).
 */
import { isJsonObject, type JsonObject } from '../json.ts';

export interface BoundedJsonRequest {
  readonly fetch: typeof globalThis.fetch;
  readonly url: URL;
  readonly init?: RequestInit;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A status other than 200 is `ok: false`; everything else that is not a JSON object is thrown, without quoting the answer. */
export async function requestJson(
  request: BoundedJsonRequest,
): Promise<{ readonly ok: true; readonly body: JsonObject } | { readonly ok: false; readonly status: number }> {
  const response = await request.fetch(request.url, {
    ...request.init,
    redirect: 'manual',
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    return { ok: false, status: response.status };
  }
  const text = await readText(response, request.maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
  if (!isJsonObject(body)) throw new Error('the answer is not a JSON object');
  return { ok: true, body };
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
