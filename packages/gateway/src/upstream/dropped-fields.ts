/** Fields of an upstream's response that belong to its connection (RFC 9110 section 7.6.1), or that the gateway says itself. */
export const DROPPED_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
]);
