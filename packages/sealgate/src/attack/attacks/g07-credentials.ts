/** G7: credentials in two places, or in a place where they leak (RFC 6750 sections 2 and 2.3, RFC 9110 section 11.6.2). */
import type { Attack } from '../attack.ts';
import { bearer, requestProbe } from '../probes.ts';
import type { Header } from '../wire/http-exchange.ts';

export const credentials: Attack = {
  id: 'G7',
  title: 'ambiguous or leaking credentials',
  why: 'A gateway checks one of two tokens and the API uses the other; a token in an address stands in logs and histories.',
  mend: 'Take the token from exactly one Authorization header of the form "Bearer TOKEN"; answer 400 to two; ignore addresses.',
  severity: 'medium',
  probes: ({ target, subject }) => {
    const { token } = subject;
    const other = bearer('garbage');
    const own = bearer(token);
    const withHeaders = (name: string, headers: readonly Header[]) => requestProbe(name, { target, headers });
    const value = (name: string, text: string) => withHeaders(name, [['authorization', text]]);
    const query = (name: string) =>
      requestProbe(`token in the query: ${name}`, {
        target: `${target}${target.includes('?') ? '&' : '?'}${name}=${token}`,
        headers: [],
      });
    return [
      withHeaders('two headers, the valid one first', [own, other]),
      withHeaders('two headers, the valid one last', [other, own]),
      withHeaders('two headers, both valid', [own, own]),
      value('two in one header, the valid one first', `Bearer ${token}, Bearer garbage`),
      value('two in one header, the valid one last', `Bearer garbage, Bearer ${token}`),
      value('"Bearer" twice', `Bearer Bearer ${token}`),
      value('no scheme', token),
      value('scheme "Basic"', `Basic ${token}`),
      value('scheme "Token"', `Token ${token}`),
      value('no space after the scheme', `Bearer${token}`),
      value('a colon after the scheme', `Bearer: ${token}`),
      value('something behind the token', `Bearer ${token} x`),
      ...['access_token', 'token', 'jwt', 'auth'].map(query),
    ];
  },
};
