/** Every attack, in the order in which they are tried: what may end the valid token comes last. */
import type { Attack } from './attack.ts';
import { paths } from './attacks/g01-paths.ts';
import { identityHeaders } from './attacks/g02-identity-headers.ts';
import { forwarded } from './attacks/g04-forwarded.ts';
import { credentials } from './attacks/g07-credentials.ts';
import { optional } from './attacks/g08-optional.ts';
import { framing } from './attacks/g10-framing.ts';
import { upgrade } from './attacks/g12-upgrade.ts';
import { crossOrigin } from './attacks/g15-cross-origin.ts';
import { unsigned } from './attacks/t01-unsigned.ts';
import { publicKeyAsSecret } from './attacks/t03-public-key-as-secret.ts';
import { otherAlgorithm } from './attacks/t04-other-algorithm.ts';
import { ecdsa } from './attacks/t05-ecdsa.ts';
import { keyFromToken } from './attacks/t06-key-from-token.ts';
import { kid } from './attacks/t07-kid.ts';
import { weakSecret } from './attacks/t08-weak-secret.ts';
import { wrapped } from './attacks/t11-wrapped.ts';
import { duplicates } from './attacks/t12-duplicates.ts';
import { encoding } from './attacks/t13-encoding.ts';
import { criticalExtensions } from './attacks/t14-crit.ts';
import { kind } from './attacks/t15-kind.ts';
import { times } from './attacks/t16-times.ts';
import { payload } from './attacks/t17-payload.ts';
import { audienceAndIssuer } from './attacks/t18-audience-issuer.ts';
import { twins } from './attacks/t20-twins.ts';
import { revoked } from './attacks/t21-revoked.ts';
import { huge } from './attacks/t22-huge.ts';

export const ATTACKS: readonly Attack[] = [
  unsigned,
  publicKeyAsSecret,
  otherAlgorithm,
  ecdsa,
  keyFromToken,
  kid,
  weakSecret,
  wrapped,
  duplicates,
  encoding,
  criticalExtensions,
  kind,
  times,
  payload,
  audienceAndIssuer,
  huge,
  paths,
  identityHeaders,
  forwarded,
  credentials,
  optional,
  framing,
  upgrade,
  crossOrigin,
  revoked,
  twins,
];
