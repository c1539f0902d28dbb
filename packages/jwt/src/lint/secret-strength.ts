/**
 * Upper bounds on how hard a secret is to guess: a list of what everybody uses, and an estimate from its bytes. Runs in a browser.
 */

/** What stands in tutorials, templates and wordlists, lower case, without digits and punctuation at the end. */
const KNOWN: readonly string[] = (
  'secret password passw changeme changethis jwtsecret jwt_secret jwt-secret mysecret my-secret my_secret supersecret super-secret ' +
  'super_secret topsecret verysecret secretkey secret_key secret-key mysecretkey my-secret-key yoursecret your-secret your_secret ' +
  'yoursecretkey your-secret-key your-256-bit-secret your-384-bit-secret your-512-bit-secret a-string-secret-at-least-256-bits-long ' +
  'default example test testing admin root key mykey private privatekey private_key token shhhhh shhhhhhared-secret qwerty letmein ' +
  'correcthorsebatterystaple keyboardcat keyboard-cat keyboard cat hello helloworld iloveyou thisisasecret this-is-a-secret ' +
  'supersecretkey super-secret-key authsecret auth_secret session_secret sessionsecret app_secret appsecret development production'
).split(' ');

/** True for secrets that are, but for repetition, digits and punctuation, in the list. */
export function isKnownSecret(secret: Uint8Array): boolean {
  const text = String.fromCharCode(...secret.subarray(0, 256)).toLowerCase();
  for (const known of KNOWN) {
    if (text.includes(known) && /^[\d\W_]*$/u.test(text.replaceAll(known, ''))) return true;
  }
  return false;
}

/**
 * An upper bound of the bits of chance in a secret: the entropy of its bytes, the alphabet they are of, and their repetition.
 * A random secret of 32 bytes comes out above 128.
 */
export function guessableBits(secret: Uint8Array): number {
  if (secret.length === 0) return 0;
  const unit = shortestPeriod(secret);
  const counts = new Map<number, number>();
  for (const byte of unit) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / unit.length) * Math.log2(count / unit.length);
  const perByte = Math.min(entropy * 1.3, alphabetBits(unit));
  return Math.floor(Math.min(perByte * unit.length, runs(unit) * 8));
}

function shortestPeriod(bytes: Uint8Array): Uint8Array {
  for (let length = 1; length <= bytes.length / 2; length++) {
    if (bytes.every((byte, index) => byte === bytes[index % length])) return bytes.subarray(0, length);
  }
  return bytes;
}

function alphabetBits(bytes: Uint8Array): number {
  const text = String.fromCharCode(...bytes.subarray(0, 4_096));
  if (/^\d+$/u.test(text)) return Math.log2(10);
  if (/^(?:[\da-f]+|[\dA-F]+)$/u.test(text)) return 4;
  // Words of one language carry one to two bits a letter; a random string of small letters is taken for words.
  if (/^[a-z _.-]+$/iu.test(text)) return 2;
  if (/^[\w.+/=-]+$/u.test(text)) return 6;
  return 8;
}

/** How many times a byte is other than its predecessor plus a constant step: "abcdef" and "111111" count once. */
function runs(bytes: Uint8Array): number {
  let count = 1;
  for (let index = 2; index < bytes.length; index++) {
    if (bytes[index]! - bytes[index - 1]! !== bytes[index - 1]! - bytes[index - 2]!) count++;
  }
  return count;
}
