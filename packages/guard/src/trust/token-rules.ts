/** What is asked of the tokens of a configured issuer, as rules of `@sealgate/jwt`. */
import { accessTokenProfile, type RemoteKeys, type TokenRules } from '@sealgate/jwt';
import type { ResolvedIssuer } from './issuer-options.ts';

/** `typ: at+jwt` is the whole profile of RFC 9068; any other `typ` is that of an issuer which does not follow it. */
export function tokenRulesFor(options: ResolvedIssuer, keys: RemoteKeys): TokenRules<RemoteKeys> {
  const { url, audience, algorithms, clockSkewSeconds, typ, shape } = options;
  const rules = { issuer: url, audience, algorithms, clockSkewSeconds, keys };
  if (typ?.toLowerCase() === 'at+jwt') return { ...accessTokenProfile(rules), profileRules: shape.rules };
  return {
    ...rules,
    ...(typ === undefined ? {} : { typ }),
    audienceClaim: shape.audienceClaim,
    scopeMayBeList: shape.scopeMayBeList,
    profileRules: shape.rules,
  };
}
