/** `lintKey`: as `lintJwk`, and takes keys of this package too. */
import { ALGORITHMS } from '../algorithms.ts';
import { exportJwk, exportSecret } from '../keys/export-key.ts';
import { isKey, type Key } from '../keys/key.ts';
import type { Finding } from './finding.ts';
import { lintJwk } from './lint-key.ts';

/** Findings about a `Key`, a JWK, or the bytes of a shared secret; errors first. Nothing in them quotes the key. */
export function lintKey(key: Key | Readonly<Record<string, unknown>> | Uint8Array): readonly Finding[] {
  if (!isKey(key)) return lintJwk(key);
  return ALGORITHMS[key.alg].family === 'hmac' ? lintJwk(exportSecret(key)) : lintJwk({ ...exportJwk(key) });
}
