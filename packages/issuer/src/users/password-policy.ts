/**
 * What a new password must be (NIST SP 800-63B-4 section 3.1.1.2): long enough for a password that is the only factor, not known from
 * breaches, not among the most common, not made of the user's name. No rules about kinds of characters, and no expiry.
 */
import { IssuerError } from '../errors.ts';
import type { PasswordFilter } from './password-filter.ts';
import { LONGEST_PASSWORD_BYTES } from './passwords.ts';

/** What people choose when they must choose long: compared without case, spaces and signs, and with digits at the end left out. */
const COMMON = new Set(
  `password passwort motdepasse contrasena administrator adminadmin letmein welcome iloveyou qwertyuiop qwertyuiopasdfghjkl
  qwertyuiopasdfghjklzxcvbnm asdfghjkl zxcvbnm qwerty qwertz azerty azertyuiop changeme changemenow changeit default secret secretpassword
  mypassword mysecretpassword passwordpassword thisismypassword thisisapassword thisisasecret supersecret supersecretpassword
  verysecretpassword topsecret trustno princess sunshine football baseball superman batman dragon monkey master shadow michael jennifer
  starwars pokemon liverpool chelsea arsenal iloveyouforever iloveyousomuch iloveyoubaby letmeinplease letmeinnow openthedoor opensesame
  welcomehome welcometothejungle abcdefghijklmnop abcdefghijklmnopqrstuvwxyz abcdefg passwordone passwordtest testpassword temppassword
  temporarypassword defaultpassword adminpassword administratorpassword rootpassword userpassword winter spring summer autumn`.split(
    /\s+/u,
  ),
);

export interface PasswordPolicyOptions {
  /** Unicode code points. */
  readonly minLength: number;
  readonly filter: PasswordFilter | undefined;
}

export class PasswordPolicy {
  readonly #options: PasswordPolicyOptions;

  constructor(options: PasswordPolicyOptions) {
    this.#options = options;
  }

  /** @throws {IssuerError} `password_unacceptable`, with what to do. */
  async assertAcceptable(password: string, username: string): Promise<void> {
    const { minLength, filter } = this.#options;
    const text = password.normalize('NFC');
    if (Buffer.byteLength(text) > LONGEST_PASSWORD_BYTES) refuse(`at most ${LONGEST_PASSWORD_BYTES} bytes`);
    if (Array.from(text).length < minLength) refuse(`at least ${minLength} characters: a few words are easier to keep`);
    const plain = text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
    const stem = plain.replace(/\d+$/u, '');
    const name = username
      .toLowerCase()
      .replace(/@.*$/u, '')
      .replaceAll(/[^\p{L}\p{N}]/gu, '');
    if (COMMON.has(stem) || isRepetition(text) || isRepetition(plain) || isSequence(plain))
      refuse('it is one of the first that are guessed');
    if (name.length >= 3 && stem.includes(name) && stem.replaceAll(name, '').length < 4)
      refuse('it is made of the user name');
    if ((await filter?.has(text)) === true)
      refuse('it is known from a breach: choose one that was never used anywhere');
  }

  async close(): Promise<void> {
    await this.#options.filter?.close();
  }
}

/** A short piece again and again. */
function isRepetition(text: string): boolean {
  return /^(.{1,6}?)\1+.{0,5}$/su.test(text);
}

/** Each character the one after the one before it, forwards or backwards. */
function isSequence(text: string): boolean {
  const steps = Array.from(text).map((character, index, all) =>
    index === 0 ? undefined : (character.codePointAt(0) ?? 0) - (all[index - 1]?.codePointAt(0) ?? 0),
  );
  const [, first] = steps;
  const wraps = (step: number | undefined) => step === first || Math.abs(step ?? 0) === 9;
  return Math.abs(first ?? 0) === 1 && steps.slice(2).every(wraps);
}

function refuse(reason: string): never {
  throw new IssuerError('password_unacceptable', `the password is not acceptable: ${reason}`);
}
