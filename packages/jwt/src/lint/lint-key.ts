/**
 * `lintJwk`: advice about a key, given as a JWK or as the bytes of a secret. Import refuses what is broken; this names what is
 * merely unwise, and says all of it at once. Runs in a browser.
 */
import { isAlgorithm } from '../algorithms.ts';
import { hasRocaFingerprint, toInteger } from '../keys/rsa-rules.ts';
import { decodeBase64Url } from '../parse/base64url.ts';
import type { Finding } from './finding.ts';
import { guessableBits, isKnownSecret } from './secret-strength.ts';

type Jwk = Readonly<Record<string, unknown>>;

/** Findings, errors first. Nothing in them quotes the key. */
export function lintJwk(key: Jwk | Uint8Array): readonly Finding[] {
  const findings = key instanceof Uint8Array ? lintSecret(key) : lintMembers(key);
  const order = { error: 0, warning: 1, info: 2 };
  return findings.sort((a, b) => order[a.severity] - order[b.severity]);
}

function lintMembers(jwk: Jwk): Finding[] {
  const findings: Finding[] = [];
  const report = (rule: string, severity: Finding['severity'], what: string, why: string, mend: string): void => {
    findings.push({ rule, severity, what, why, mend });
  };
  if (jwk['kid'] === undefined)
    report(
      'kid-missing',
      'info',
      'The key has no kid.',
      'It cannot be rotated without guessing.',
      'Give it one, for example its thumbprint.',
    );
  if (jwk['alg'] === undefined)
    report(
      'alg-missing',
      'warning',
      'The key does not name its algorithm.',
      'Verifiers must settle it by configuration.',
      'Add alg.',
    );
  else if (!isAlgorithm(jwk['alg']))
    report(
      'alg-unknown',
      'info',
      'The algorithm is not a signature algorithm known here.',
      'This package cannot use it to sign.',
      'Use one of the table in the README.',
    );
  else if (jwk['alg'] === 'EdDSA')
    report(
      'alg-polymorphic',
      'info',
      '"EdDSA" does not say which curve.',
      'RFC 9864 deprecates it.',
      'Write "Ed25519".',
    );
  if (jwk['use'] === undefined && jwk['kty'] !== 'oct')
    report('use-missing', 'info', 'The key has no use.', 'It could be taken for encryption.', 'Add use: "sig".');
  if (jwk['kty'] === 'RSA') lintRsa(jwk, report);
  if (jwk['kty'] === 'oct') {
    const secret = bytesOf(jwk, 'k');
    if (secret === undefined)
      report('malformed', 'error', 'k is not canonical base64url.', 'The key cannot be imported.', 'Export it again.');
    else findings.push(...lintSecret(secret));
  } else if (['d', 'priv'].some((member) => Object.hasOwn(jwk, member))) {
    report(
      'private',
      'info',
      'This is a private key.',
      'Whoever reads it can sign.',
      'Keep it out of key sets, repositories and logs.',
    );
  }
  return findings;
}

function lintRsa(
  jwk: Jwk,
  report: (rule: string, severity: Finding['severity'], what: string, why: string, mend: string) => void,
): void {
  const modulus = bytesOf(jwk, 'n');
  const exponent = bytesOf(jwk, 'e');
  if (modulus === undefined || exponent === undefined) {
    report(
      'malformed',
      'error',
      'n or e is not canonical base64url.',
      'The key cannot be imported.',
      'Export it again.',
    );
    return;
  }
  const n = toInteger(modulus);
  const e = toInteger(exponent);
  const bits = n.toString(2).length;
  if (bits < 2_048)
    report(
      'rsa-short',
      'error',
      `The modulus has ${bits} bits.`,
      'It can be factored.',
      'Generate a key of 2,048 bits or more, or one for ES256.',
    );
  else if (bits < 3_072)
    report(
      'rsa-2048',
      'info',
      `The modulus has ${bits} bits.`,
      'NIST SP 800-57 counts on it to 2030.',
      'Choose ES256, Ed25519, or RSA of 3,072 bits for keys that must last.',
    );
  if (e < 3n || e % 2n === 0n)
    report('rsa-exponent', 'error', 'The exponent is no RSA exponent.', 'Anyone can sign.', 'Generate a new key.');
  else if (e < 65_537n)
    report(
      'rsa-exponent-small',
      'warning',
      'The exponent is below 65,537.',
      'Small exponents have been the way into faulty verifiers.',
      'Generate a key with 65,537.',
    );
  if (hasRocaFingerprint(n))
    report(
      'rsa-roca',
      'error',
      'The modulus has the fingerprint of CVE-2017-15361.',
      'It can be factored.',
      'Generate a new key with other software.',
    );
}

function lintSecret(secret: Uint8Array): Finding[] {
  const findings: Finding[] = [];
  const mend = 'Generate 32 random bytes: node -e "console.log(crypto.randomBytes(32).toString(\'base64url\'))"';
  if (isKnownSecret(secret)) {
    findings.push({
      rule: 'secret-known',
      severity: 'error',
      what: 'The secret is in every list of guesses.',
      why: 'One token is enough to find it offline.',
      mend,
    });
  }
  if (secret.length < 32) {
    findings.push({
      rule: 'secret-short',
      severity: 'error',
      what: `The secret has ${secret.length} bytes.`,
      why: 'It must be as long as the hash (RFC 7518 section 3.2); HS256 refuses it.',
      mend,
    });
  }
  const bits = guessableBits(secret);
  if (bits < 128) {
    findings.push({
      rule: 'secret-weak',
      severity: bits < 80 ? 'error' : 'warning',
      what: `The secret looks like at most ${bits} bits of chance.`,
      why: 'One token lets anyone test guesses offline.',
      mend,
    });
  }
  return findings;
}

function bytesOf(jwk: Jwk, member: string): Uint8Array | undefined {
  const text = jwk[member];
  return typeof text === 'string' && text !== '' ? decodeBase64Url(text) : undefined;
}
