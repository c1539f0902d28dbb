/** Tokens that are refused for their form: what a flood of junk costs. One task for each kind of fault. */
import { createVerifier as createFastVerifier } from 'fast-jwt';
import { createVerifier, exportPublicPem, publicKey } from '@sealgate/jwt';
import { AUDIENCE, ISSUER, makeCase } from './contenders.ts';
import type { Task } from './rounds.ts';

export interface MalformedCase {
  readonly title: string;
  readonly ours: Task;
  readonly fastJwt: Task;
}

export function malformedCases(): MalformedCase[] {
  const { key, token } = makeCase('ES256', 300);
  const ours = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: publicKey(key), algorithms: ['ES256'] });
  const fast = createFastVerifier({
    key: exportPublicPem(key),
    algorithms: ['ES256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    cache: false,
  });
  ours.verify(token);
  const [head = '', body = '', signature = ''] = token.split('.');
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const faults: readonly (readonly [string, string])[] = [
    ['no dots', 'a'.repeat(400)],
    ['two parts', `${head}.${body}`],
    ['four parts', `${token}.${signature}`],
    ['1 MB', 'a'.repeat(1_000_000)],
    ['padding at the end', `${token}==`],
    ['a space in the payload', `${head}.${body.slice(0, 40)} ${body.slice(40)}.${signature}`],
    ['alg none', `${encode('{"alg":"none"}')}.${body}.${signature}`],
    ['payload that is no JSON', `${head}.${encode('iss=https://auth.acme.test')}.${signature}`],
    // 64 characters of a signature are 48 bytes, in canonical form: only their number is wrong.
    ['a truncated token', `${head}.${body}.${signature.slice(0, 64)}`],
    ['a truncated token, within a byte', `${head}.${body}.${signature.slice(0, 65)}`],
  ];
  return faults.map(([title, text]) => {
    const refuse = (): unknown => {
      try {
        return fast(text) as unknown;
      } catch (error) {
        return error;
      }
    };
    const outcome = ours.check(text);
    if (outcome.ok) throw new Error(`${title}: accepted`);
    return { title, ours: { name: title, call: () => ours.check(text) }, fastJwt: { name: title, call: refuse } };
  });
}
