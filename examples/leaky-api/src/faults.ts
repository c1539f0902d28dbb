/**
 * The mistakes that this API can make, each by its name. They are off unless asked for. Each is one that people make: the second column says how
 * it looks in real code, the first which attack of the list finds it.
 */

export interface Fault {
  /** Id of the attack that finds it. */
  readonly attack: string;
  readonly mistake: string;
}

export const FAULTS = {
  'alg-none': { attack: 'T1', mistake: 'A token with `alg: none` is taken, "for the tests".' },
  'signature-unchecked': { attack: 'T1', mistake: '`jwt.decode` where `jwt.verify` was meant.' },
  'public-key-as-secret': {
    attack: 'T3',
    mistake: 'A hand-written verifier picks HMAC when the header says so, with the one key it has: the public one.',
  },
  'algorithm-from-header': {
    attack: 'T4',
    mistake: '`algorithms: [header.alg]`: the token chooses how it is checked.',
  },
  'der-signature': {
    attack: 'T5',
    mistake: 'A signature that fails is tried again as DER, since another service sent such ones.',
  },
  'embedded-jwk': { attack: 'T6', mistake: 'The key in the header (`jwk`) is used when there is one.' },
  'jku-fetched': { attack: 'T6', mistake: 'The key set at the address in the header (`jku`) is fetched and used.' },
  'kid-as-path': { attack: 'T7', mistake: '`kid` names a file in the folder of shared secrets, and is not checked.' },
  'weak-secret': { attack: 'T8', mistake: 'Tokens are signed with HS256 and the secret of the tutorial.' },
  'encrypted-is-trusted': {
    attack: 'T11',
    mistake: 'What decrypts is believed: nobody looks for a signature inside an encrypted token.',
  },
  'duplicate-members': { attack: 'T12', mistake: '`JSON.parse`, which silently takes the last of two.' },
  'loose-base64': { attack: 'T13', mistake: 'Base64url is decoded as Node.js does: unused bits may be anything.' },
  'crit-ignored': { attack: 'T14', mistake: 'Nobody looks at `crit`; jsonwebtoken does not.' },
  'any-typ': { attack: 'T15', mistake: 'Any token with a good signature opens the API: ID tokens, refresh tokens.' },
  'expiry-ignored': { attack: 'T16', mistake: '`ignoreExpiration: true`, left from debugging.' },
  'any-payload': {
    attack: 'T17',
    mistake: 'Claims are checked `if (typeof payload === "object")`, and not otherwise.',
  },
  'audience-unchecked': { attack: 'T18', mistake: 'The option `audience` was never set.' },
  'revoked-by-text': { attack: 'T20', mistake: 'The deny-list holds tokens, not their `jti`.' },
  'revocation-forgotten': {
    attack: 'T21',
    mistake: 'Log-out tells the front end to forget the token, and does nothing.',
  },
  'endless-recursion': { attack: 'T22', mistake: 'A recursive clean-up walks the header before anything is checked.' },
  'path-by-case': {
    attack: 'G1',
    mistake: 'The check asks `path.startsWith("/orders")`; Express routes without regard to case.',
  },
  'identity-header': { attack: 'G2', mistake: '`X-User-Id` is believed: "only the gateway can reach us".' },
  'forwarded-trusted': { attack: 'G4', mistake: 'Calls "from inside" need no token, by the first `X-Forwarded-For`.' },
  'first-authorization': { attack: 'G7', mistake: 'Of two `Authorization` headers the first is taken.' },
  'token-in-query': { attack: 'G7', mistake: '`?access_token=` works too, for downloads.' },
  'optional-invalid': { attack: 'G8', mistake: 'Where a token is optional, an invalid one counts as none.' },
  'lenient-parser': { attack: 'G10', mistake: '`insecureHTTPParser: true`, for one old client.' },
  'upgrade-unchecked': { attack: 'G12', mistake: 'WebSocket upgrades do not pass through Express, nor its check.' },
  'origin-reflected': {
    attack: 'G15',
    mistake: 'Any `Origin` is allowed back, with credentials, because the front end moved.',
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
