/**
 * A token and a key handed over in the fragment of the address, which browsers never send to a server: `#token=…&publicKey=…`.
 *
 * The names are those that jwt.io links and OAuth answers in fragments use, so that such a link works with another host in front.
 */

const TOKEN_NAMES = ['id_token', 'access_token', 'value', 'token'] as const;

export interface HandedOver {
  readonly token: string;
  readonly key: string;
}

/** What stands in the address, which is then removed from there so that it stays in no history and no copied link. */
export function takeFromAddress(): HandedOver {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = TOKEN_NAMES.map((name) => fragment.get(name)).find((value) => value !== null && value !== '');
  if (token === undefined || token === null) return { token: '', key: '' };
  history.replaceState(null, '', location.pathname + location.search);
  return { token, key: fragment.get('publicKey') ?? '' };
}
