/**
 * `CheckRequest` and `CheckResponse` of `envoy.service.auth.v3.Authorization`, with the field numbers of Envoy's published protocol
 * (envoyproxy/envoy, api/envoy/service/auth/v3: external_auth.proto, attribute_context.proto; api/envoy/config/core/v3: base.proto, address.proto).
 */
import { readFields, writeBytes, writeNumber } from './protobuf.ts';

/** The request that Envoy asks about. A member is '' where Envoy did not say it. */
export interface CheckedRequest {
  readonly method: string;
  readonly target: string;
  readonly scheme: 'http' | 'https';
  /** Peer of Envoy's connection. */
  readonly ip: string;
  /** Name, value, name, value; one character an octet; `host` first. */
  readonly rawHeaders: readonly string[];
}

/** @throws {ProtobufError} */
export function parseCheckRequest(message: Buffer): CheckedRequest {
  const attributes = inner(message, 1);
  const http = inner(inner(attributes, 4), 2);
  const rawHeaders: string[] = ['host', text(http, 5)];
  const merged = readFields(http).get(3) ?? [];
  const single = readFields(inner(http, 13)).get(1) ?? [];
  for (const entry of [...merged, ...single]) {
    const name = text(entry, 1);
    // Pseudo-header fields stand there too; `host` is the one that Envoy routes by.
    if (!name.startsWith(':') && name !== 'host') rawHeaders.push(name, text(entry, 2) || text(entry, 3));
  }
  return {
    method: text(http, 2),
    target: text(http, 4),
    scheme: text(http, 6) === 'https' ? 'https' : 'http',
    ip: text(inner(inner(inner(attributes, 1), 1), 1), 2),
    rawHeaders,
  };
}

export interface Allowance {
  /** Name, value, name, value: what the upstream is told, in place of what the client sent. */
  readonly headers: readonly string[];
  readonly remove: readonly string[];
  /** Name, value, name, value: what the client is told beside the upstream's answer. */
  readonly responseHeaders: readonly string[];
}

export function allowed({ headers, remove, responseHeaders }: Allowance): Buffer {
  const ok = [...options(2, headers), ...remove.map((name) => writeBytes(5, name)), ...options(6, responseHeaders)];
  return Buffer.concat([writeBytes(1), writeBytes(3, ...ok)]);
}

const [UNAUTHENTICATED, PERMISSION_DENIED] = [16, 7];

export function denied(status: number, fields: readonly string[], body: string): Buffer {
  const code = status === 401 ? UNAUTHENTICATED : PERMISSION_DENIED;
  const response = [writeBytes(1, writeNumber(1, status)), ...options(2, fields), writeBytes(3, body)];
  return Buffer.concat([writeBytes(1, writeNumber(1, code)), writeBytes(2, ...response)]);
}

/** `HeaderValueOption`s. Whether a value is added to what is there is always said: what is meant otherwise has changed between versions of Envoy. */
function options(field: number, fields: readonly string[]): Buffer[] {
  const seen = new Set<string>();
  return fields.flatMap((name, index) => {
    if (index % 2 === 1) return [];
    const append = seen.has(name) ? writeBytes(2, writeNumber(1, 1)) : writeBytes(2);
    seen.add(name);
    return [writeBytes(field, writeBytes(1, writeBytes(1, name), writeBytes(2, fields[index + 1] ?? '')), append)];
  });
}

/** The last of a message's fields counts. */
const inner = (message: Buffer, field: number): Buffer => readFields(message).get(field)?.at(-1) ?? Buffer.alloc(0);
const text = (message: Buffer, field: number): string => inner(message, field).toString('latin1');
