/**
 * `lintToken`: advice about a token that a verifier may well accept: life, audience, algorithm, size, personal data.
 *
 * It verifies nothing, and takes tokens that do not even parse: that is a finding too. Runs in a browser.
 */
import { isAlgorithm } from '../algorithms.ts';
import { claimOf, type Claims } from '../claims/claims.ts';
import { JwtError } from '../errors.ts';
import type { JoseHeader } from '../parse/header.ts';
import { decodeUnverified } from '../parse/unverified.ts';
import type { Finding } from './finding.ts';
import { registeredName, personalData, credentialName } from './claim-names.ts';

/** Where `lintToken` draws its lines. */
export interface LintTokenOptions {
  /** A life beyond this is a warning, seconds. Default 3,600. */
  readonly maxLifeSeconds?: number;
  /** A token longer than this is a warning, characters. Default 4,096: what a cookie may hold. */
  readonly maxChars?: number;
}

type Rule = (header: JoseHeader, claims: Claims, token: string, options: Required<LintTokenOptions>) => Finding[];

/** Findings, errors first. An empty list means that no rule had anything to say, not that the token is genuine. */
export function lintToken(token: string, options: LintTokenOptions = {}): readonly Finding[] {
  const settings = { maxLifeSeconds: 3_600, maxChars: 4_096, ...options };
  try {
    const { header, claims } = decodeUnverified(token);
    const order = { error: 0, warning: 1, info: 2 };
    return RULES.flatMap((rule) => rule(header, claims, token, settings)).sort(
      (a, b) => order[a.severity] - order[b.severity],
    );
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    return [
      {
        rule: 'malformed',
        severity: 'error',
        what: error.message,
        why: `A strict verifier refuses it (${error.source}).`,
        mend: error.remedy,
      },
    ];
  }
}

const RULES: readonly Rule[] = [
  function algorithm(header) {
    const { alg } = header;
    if (/^none$/iu.test(alg)) {
      return [
        finding(
          'alg-none',
          'error',
          'The token is not signed.',
          'Anyone can write one.',
          'Sign it, for example with ES256.',
        ),
      ];
    }
    if (!isAlgorithm(alg)) {
      return [
        finding(
          'alg-unknown',
          'error',
          'The algorithm is not a registered one.',
          'Verifiers refuse it.',
          'Use a name of the IANA registry, exact in case.',
        ),
      ];
    }
    if (alg.startsWith('HS')) {
      return [
        finding(
          'alg-symmetric',
          'warning',
          `${alg} needs the same secret at issuer and verifier.`,
          'Every verifier could also issue tokens.',
          'Use ES256 or Ed25519 wherever more than one party verifies.',
        ),
      ];
    }
    if (alg === 'EdDSA') {
      return [
        finding(
          'alg-polymorphic',
          'info',
          '"EdDSA" does not say which curve.',
          'RFC 9864 deprecates it.',
          'Write "Ed25519".',
        ),
      ];
    }
    return [];
  },
  function life(_header, claims, _token, { maxLifeSeconds }) {
    const { exp, iat } = claims;
    if (exp === undefined) {
      return [
        finding(
          'life-unbounded',
          'error',
          'There is no exp.',
          'A leaked token is good for ever.',
          'Set exp minutes ahead, and refresh.',
        ),
      ];
    }
    if (typeof exp === 'number' && exp > 100_000_000_000) {
      return [
        finding(
          'time-unit',
          'error',
          'exp is in milliseconds.',
          'NumericDate counts seconds: this token lives for thousands of years.',
          'Divide by 1000.',
        ),
      ];
    }
    if (iat === undefined)
      return [
        finding(
          'iat-missing',
          'info',
          'There is no iat.',
          'Revocation by time and age limits need it.',
          'Set iat to the time of issue.',
        ),
      ];
    if (typeof exp !== 'number' || typeof iat !== 'number' || exp - iat <= maxLifeSeconds) return [];
    const severity = exp - iat > 86_400 ? 'error' : 'warning';
    return [
      finding(
        'life-long',
        severity,
        `The token lives for ${Math.round(exp - iat)} seconds.`,
        'Until then a leaked token works, unless each verifier hears of its revocation.',
        'Issue for minutes, and refresh.',
      ),
    ];
  },
  function holders(_header, claims) {
    const missing: readonly (readonly [keyof Claims & string, Finding['severity'], string])[] = [
      ['iss', 'warning', 'A verifier with several issuers cannot tell whose key to use.'],
      ['aud', 'warning', 'Any API that trusts the issuer will take it, whomever it was meant for.'],
      ['sub', 'info', 'Nobody can say whose token it is.'],
      ['jti', 'info', 'A single token cannot be named in a log or revoked alone.'],
    ];
    return missing.flatMap(([claim, severity, why]) =>
      claimOf(claims, claim) === undefined
        ? [finding(`${claim}-missing`, severity, `There is no ${claim}.`, why, `Set ${claim}.`)]
        : [],
    );
  },
  function headerMembers(header) {
    const findings: Finding[] = [];
    if (header.kid === undefined)
      findings.push(
        finding(
          'kid-missing',
          'info',
          'There is no kid.',
          'Keys cannot be rotated without guessing.',
          'Write the id of the signing key.',
        ),
      );
    if (header.typ === undefined)
      findings.push(
        finding(
          'typ-missing',
          'info',
          'There is no typ.',
          'Kinds of token cannot be told apart (RFC 8725 section 3.11).',
          'Write "at+jwt" for access tokens.',
        ),
      );
    for (const name of ['jwk', 'jku', 'x5u', 'x5c']) {
      if (!Object.hasOwn(header, name) || header.typ === 'dpop+jwt') continue;
      findings.push(
        finding(
          'embedded-key',
          'warning',
          `The header has ${name}.`,
          'A verifier that follows it lets the token choose its own key.',
          'Leave it out; publish keys in a JWK set.',
        ),
      );
    }
    return findings;
  },
  function names(_header, claims) {
    return Object.keys(claims).flatMap((name) => {
      const registered = registeredName(name);
      if (registered !== undefined) {
        return [
          finding(
            'shadows-registered',
            'warning',
            `A claim looks like "${registered}" and is not it.`,
            'Verifiers check the registered one alone.',
            `Use "${registered}".`,
          ),
        ];
      }
      if (credentialName(name)) {
        return [
          finding(
            'credential',
            'error',
            'A claim is named like a password or secret.',
            'The payload is readable by everyone who holds the token.',
            'Take it out, and change that secret.',
          ),
        ];
      }
      const kind = personalData(name);
      if (kind === undefined) return [];
      return [
        finding(
          'personal-data',
          'warning',
          `The payload holds ${kind}.`,
          'It is encoded, not encrypted, and ends in logs and histories.',
          'Leave it to the userinfo endpoint, or encrypt the token.',
        ),
      ];
    });
  },
  function size(_header, _claims, token, { maxChars }) {
    if (token.length <= maxChars) return [];
    const severity = token.length > 8_000 ? 'error' : 'warning';
    return [
      finding(
        'size',
        severity,
        `The token has ${token.length} characters.`,
        'Cookies hold 4,096 bytes; many servers take 8 KiB of headers in all.',
        'Move roles and profile data out of the token.',
      ),
    ];
  },
];

function finding(rule: string, severity: Finding['severity'], what: string, why: string, mend: string): Finding {
  return { rule, severity, what, why, mend };
}
