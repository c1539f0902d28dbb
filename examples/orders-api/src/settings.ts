/** What the API must be told, from its environment. A missing setting is an error at start, not at the first request. */

export interface Settings {
  readonly port: number;
  readonly issuerUrl: string;
  readonly audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** @throws {Error} that names the variable. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const read = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`set the environment variable ${name}`);
    return value;
  };
  const port = Number(read('ORDERS_PORT'));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('ORDERS_PORT is no port: 0 to 65535');
  return {
    port,
    issuerUrl: read('ORDERS_ISSUER'),
    audience: read('ORDERS_AUDIENCE'),
    clientId: read('ORDERS_CLIENT_ID'),
    clientSecret: read('ORDERS_CLIENT_SECRET'),
  };
}
