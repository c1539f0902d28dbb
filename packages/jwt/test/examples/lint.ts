import { lintKey, lintToken, signJwt, generateKey } from '@sealgate/jwt';

const token = signJwt({ sub: 'alice', email: 'alice@example.com', exp: 4_000_000_000 }, { key: generateKey('HS256') });
export const tokenRules = lintToken(token).map(({ severity, rule }) => `${severity} ${rule}`);

const secret = new TextEncoder().encode('your-256-bit-secret-your-256-bit-secret');
export const keyRules = lintKey(secret).map(({ severity, rule }) => `${severity} ${rule}`);
