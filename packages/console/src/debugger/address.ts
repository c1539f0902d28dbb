/**
 * A token handed over in the fragment of the address (`#token=…`), which browsers never send to a server.
 */

/** The token in the address, which is then removed from there so that it stays in no history and no copied link. */
export function takeTokenFromAddress(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return '';
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}
