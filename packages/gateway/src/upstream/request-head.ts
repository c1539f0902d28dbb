/**
 * The head of a request as its upstream gets it: what the client sent and may pass, then everything that the gateway says itself. In this
 * order on purpose: nothing a client sends can replace or remove what is added here (ATTACKS.md G3, G5).
 *
 * Every part was checked before it came here: the target is canonical, passed fields went through the strict parser of the
 * client's connection, identity values are encoded.
 */
import type { Exchange } from '../server/exchange.ts';
import type { OutgoingRequest } from './transport.ts';

/** Name, value, name, value: all fields but `host`, `connection` and `transfer-encoding`. */
export function upstreamFields(exchange: Exchange, identity: readonly string[]): string[] {
  const { fields, client, requestId } = exchange;
  const headers = fields.passed;
  if (fields.hasBody && fields.contentLength !== undefined) {
    headers.push('content-length', String(fields.contentLength));
  } else if (fields.contentLength === 0) {
    headers.push('content-length', '0');
  }
  if (fields.cookie.length > 0) pushCookies(headers, exchange);
  if (client !== undefined) {
    headers.push('x-forwarded-for', client.forwardedFor, 'x-forwarded-proto', client.proto);
    if (client.host !== '') headers.push('x-forwarded-host', client.host);
  }
  headers.push('x-request-id', requestId);
  exchange.trace?.pushFields(headers);
  if (exchange.runtime.forwardsCertificates) pushCertificate(headers, exchange);
  for (const text of identity) headers.push(text);
  return headers;
}

/** Request line and fields with the empty line at the end; one character an octet (RFC 9112 sections 3 and 5). */
export function requestHead({ method, target, host, fields, chunked }: OutgoingRequest): string {
  let head = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  if (chunked) head += 'transfer-encoding: chunked\r\n';
  for (let index = 0; index < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return `${head}\r\n`;
}

/** Of our issuer's cookies, an upstream that is guarded needs none; the one behind `auth: none` may be the issuer itself. */
const ISSUER_COOKIES = '__Host-sealgate-';

/** A cookie that carries a token is a credential like `Authorization`: it goes on only where the route passes the original. */
function pushCookies(headers: string[], { fields, route }: Exchange): void {
  if (route?.policy.auth === 'none') {
    for (const value of fields.cookie) headers.push('cookie', value);
    return;
  }
  const name = route?.policy.cookie;
  const passed = (pair: string): boolean => {
    const each = pair.split('=')[0]?.trim() ?? '';
    return each === name ? route?.identity.mode === 'original' : !each.startsWith(ISSUER_COOKIES);
  };
  for (const value of fields.cookie) {
    const kept = value.split(';').filter(passed);
    if (kept.length > 0) headers.push('cookie', kept.join(';').trim());
  }
}

/** RFC 9440 section 2: the DER as a byte sequence of structured fields. */
function pushCertificate(headers: string[], { connection }: Exchange): void {
  const { certificate } = connection;
  if (certificate !== undefined) headers.push('client-cert', `:${certificate.raw.toString('base64')}:`);
}
