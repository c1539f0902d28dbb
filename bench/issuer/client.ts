/** The client that every issuer under comparison knows, and its request for a token. */
export const CLIENT = {
  id: 'bench-client',
  secret: 'bench-client-secret-of-at-least-32-characters',
  scopes: ['orders:read', 'orders:write'],
};

export const AUDIENCE = 'https://api.bench.test';

/** Life of every access token. */
export const TTL_SECONDS = 600;

/** `POST` of the client credentials grant with `client_secret_basic`, as it goes on the wire. */
export function tokenRequest(path: string): string {
  const body = `grant_type=client_credentials&scope=${encodeURIComponent('orders:read')}`;
  const basic = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64');
  return [
    `POST ${path} HTTP/1.1`,
    'Host: issuer.bench.test',
    `Authorization: Basic ${basic}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}
