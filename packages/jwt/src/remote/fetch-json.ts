/**
 * One bounded GET of a JSON document: no redirects, a cap on size, one deadline for the whole answer.
 *
 * A redirect is refused rather than followed: it is how a key look-up is turned against an internal address.
 */
import { JwtError } from '../errors.ts';
import { parseJson, type JsonValue } from '../parse/json.ts';
import type { ParseLimits } from '../parse/limits.ts';

export interface FetchLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface FetchedJson {
  readonly status: number;
  /** `undefined` for 304 and 404. */
  readonly value: JsonValue | undefined;
  readonly etag: string | undefined;
  readonly cacheControl: string | undefined;
}

const DOCUMENT_LIMITS: ParseLimits = { tokenChars: Number.MAX_SAFE_INTEGER, jsonDepth: 16, jsonMembers: 20_000 };

/** @throws {JwtError} `keys_unavailable`, with the reason. */
export async function fetchJson(
  fetcher: typeof fetch,
  url: URL,
  limits: FetchLimits,
  signal: AbortSignal,
  etag?: string,
): Promise<FetchedJson> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]);
  try {
    const response = await fetcher(url, {
      redirect: 'manual',
      signal: deadline,
      headers: {
        accept: 'application/jwk-set+json, application/json',
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
      },
    });
    const { status, headers } = response;
    const meta = {
      status,
      etag: headers.get('etag') ?? undefined,
      cacheControl: headers.get('cache-control') ?? undefined,
    };
    if (status === 200) return { ...meta, value: parseDocument(await readBounded(response, limits.maxBytes)) };
    await response.body?.cancel();
    if (status === 304 || status === 404) return { ...meta, value: undefined };
    if (status === 0 || (status >= 300 && status < 400))
      throw new JwtError('keys_unavailable', { reason: 'redirected; redirects are not followed' });
    throw new JwtError('keys_unavailable', { reason: `answered with status ${status}` });
  } catch (cause) {
    if (cause instanceof JwtError) throw cause;
    if (signal.aborted) throw new JwtError('keys_unavailable', { reason: 'closed' });
    if (deadline.aborted)
      throw new JwtError('keys_unavailable', { reason: 'no complete answer in time', limit: limits.timeoutMs });
    throw new JwtError('keys_unavailable', { reason: 'the request failed', cause });
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): JwtError =>
    new JwtError('keys_unavailable', { reason: 'the answer is too large', limit: maxBytes });
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return new Uint8Array();
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    // Leaving the loop cancels the rest of the body.
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseDocument(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, 'key set', DOCUMENT_LIMITS);
  } catch (cause) {
    throw new JwtError('keys_unavailable', { reason: 'the answer is not strict JSON', cause });
  }
}

/** Seconds for which an answer is fresh by its `Cache-Control` (RFC 9111 section 5.2.2), or `undefined` where it says nothing. */
export function freshSeconds(cacheControl: string | undefined): number | undefined {
  if (cacheControl === undefined) return undefined;
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (directives.includes('no-store') || directives.includes('no-cache')) return 0;
  const age = directives
    .map((directive) => /^max-age="?(\d{1,10})"?$/u.exec(directive)?.[1])
    .find((value) => value !== undefined);
  return age === undefined ? undefined : Number(age);
}
