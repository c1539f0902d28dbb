/**
 * The header fields of a request as its upstream gets them: what the client sent and may pass, then everything that the gateway says
 * itself. In this order on purpose: nothing a client sends can replace or remove what is added here (ATTACKS.md G3, G5).
 */
import type { Exchange } from '../server/exchange.ts';

/** Name, value, name, value. The value of `host`, at index 1, is for the caller to fill in. */
export function upstreamFields(exchange: Exchange, identity: readonly string[]): string[] {
  const { fields, client, requestId } = exchange;
  const headers = ['host', '', ...fields.passed];
  if (fields.hasBody && fields.contentLength !== undefined) {
    headers.push('content-length', String(fields.contentLength));
  }
  if (fields.cookie.length > 0) pushCookies(headers, exchange);
  if (client !== undefined) {
    headers.push('x-forwarded-for', client.forwardedFor, 'x-forwarded-proto', client.proto);
    if (client.host !== '') headers.push('x-forwarded-host', client.host);
  }
  headers.push('x-request-id', requestId);
  for (const text of identity) headers.push(text);
  return headers;
}

/** A cookie that carries the token is a credential like `Authorization`: it goes on only where the route passes the original. */
function pushCookies(headers: string[], { fields, route }: Exchange): void {
  const name = route?.policy.cookie;
  for (const value of fields.cookie) {
    if (name === undefined || route?.identity.mode === 'original') {
      headers.push('cookie', value);
      continue;
    }
    const kept = value.split(';').filter((pair) => pair.split('=')[0]?.trim() !== name);
    if (kept.length > 0) headers.push('cookie', kept.join(';').trim());
  }
}
