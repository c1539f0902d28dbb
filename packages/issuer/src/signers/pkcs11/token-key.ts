/**
 * One private key in one token: finds the token by label or serial number, logs in, finds the key by label or id, and reads the
 * public half from the public key object beside it. Of the private key nothing is read but its id, its type and its rules of use.
 */
import type { KeyObject } from 'node:crypto';
import { SignerError } from '../signer-error.ts';
import type { SigningAlgorithm } from '../signing-algorithm.ts';
import { CKA, CKF, CKO } from './constants.ts';
import type { AttributeMatch, Cryptoki, Handle, TokenInfo } from './cryptoki.ts';
import { type MechanismPlan, plansFor } from './mechanisms.ts';
import { PUBLIC_KEY_ATTRIBUTES, publicKeyOf } from './public-key.ts';

/** Which key. At least one of `label` and `id`. */
export interface KeySelector {
  readonly label?: string | undefined;
  readonly id?: Uint8Array | undefined;
}

/** Which token. At least one of `label` and `serial`. */
export interface TokenSelector {
  readonly label?: string | undefined;
  readonly serial?: string | undefined;
}

/** A session in which the key has been found. Handles of objects hold for the session that found them. */
export interface KeySession {
  readonly session: Handle;
  readonly key: Handle;
}

/** A token that was found and logged in to, and what its key is. */
export interface TokenConnection {
  readonly slot: Handle;
  readonly plan: MechanismPlan;
  /** Each signature needs a login of its own (`CKA_ALWAYS_AUTHENTICATE`). */
  readonly alwaysAuthenticate: boolean;
  readonly publicKey: KeyObject;
  /** Opened while connecting; belongs to the pool. */
  readonly first: KeySession;
}

/** @throws {SignerError} `token_absent`, `token_ambiguous`. */
export async function findToken(cryptoki: Cryptoki, { label, serial }: TokenSelector): Promise<TokenInfo> {
  const fitting = (await cryptoki.tokens()).filter(
    (token) => (label ?? token.label) === token.label && (serial ?? token.serial) === token.serial,
  );
  const [found, ...others] = fitting;
  if (found === undefined) throw new SignerError('token_absent');
  if (others.length > 0) throw new SignerError('token_ambiguous');
  return found;
}

/** A session with the private key in it. @throws {SignerError} `key_not_found`, `key_ambiguous`, and what the token says. */
export async function openKeySession(cryptoki: Cryptoki, slot: Handle, selector: KeySelector): Promise<KeySession> {
  const session = await cryptoki.openSession(slot);
  try {
    return { session, key: await findOne(cryptoki, session, CKO.PRIVATE_KEY, selector) };
  } catch (error) {
    await cryptoki.closeSession(session);
    throw error;
  }
}

/**
 * Finds token and key, logs in, reads the public key and chooses the mechanism.
 *
 * @throws {SignerError}
 */
export async function connectToken(
  cryptoki: Cryptoki,
  options: { token: TokenSelector; key: KeySelector; pin: string; algorithm: SigningAlgorithm },
): Promise<TokenConnection> {
  const plans = plansFor(options.algorithm);
  const token = await findToken(cryptoki, options.token);
  const { slot } = token;
  const login = await cryptoki.openSession(slot);
  try {
    if ((token.flags & CKF.LOGIN_REQUIRED) !== 0) await cryptoki.login(login, options.pin);
    const first = await openKeySession(cryptoki, slot, options.key);
    try {
      const rules = await cryptoki.attributes(first.session, first.key, [CKA.ID, CKA.SIGN, CKA.ALWAYS_AUTHENTICATE]);
      if (rules.get(CKA.SIGN)?.[0] === 0) {
        throw new SignerError('key_not_permitted', {
          detail: 'the token does not let this key sign (CKA_SIGN is false)',
        });
      }
      return {
        slot,
        plan: await firstSupported(cryptoki, slot, plans, options.algorithm),
        alwaysAuthenticate: rules.get(CKA.ALWAYS_AUTHENTICATE)?.[0] === 1,
        publicKey: await readPublicKey(cryptoki, first.session, rules.get(CKA.ID), options.key),
        first,
      };
    } catch (error) {
      await cryptoki.closeSession(first.session);
      throw error;
    }
  } finally {
    // The login is the application's: it lasts while any session of it is open.
    await cryptoki.closeSession(login);
  }
}

async function firstSupported(
  cryptoki: Cryptoki,
  slot: Handle,
  plans: readonly MechanismPlan[],
  algorithm: SigningAlgorithm,
): Promise<MechanismPlan> {
  for (const plan of plans) {
    if (await cryptoki.canSign(slot, plan.mechanism.type)) return plan;
  }
  throw new SignerError('mechanism_unsupported', { detail: `the token has no mechanism for ${algorithm}` });
}

async function readPublicKey(
  cryptoki: Cryptoki,
  session: Handle,
  id: Buffer | undefined,
  selector: KeySelector,
): Promise<KeyObject> {
  // The standard's tie between the halves of a pair is their id.
  const half = id === undefined || id.length === 0 ? selector : { id };
  const object = await findOne(cryptoki, session, CKO.PUBLIC_KEY, half);
  return publicKeyOf(await cryptoki.attributes(session, object, PUBLIC_KEY_ATTRIBUTES));
}

const KINDS = { [CKO.PRIVATE_KEY]: 'private', [CKO.PUBLIC_KEY]: 'public' } as const;

async function findOne(
  cryptoki: Cryptoki,
  session: Handle,
  kind: keyof typeof KINDS,
  { label, id }: KeySelector,
): Promise<Handle> {
  const wanted: AttributeMatch[] = [
    { type: CKA.CLASS, value: kind },
    { type: CKA.TOKEN, value: true },
  ];
  if (label !== undefined) wanted.push({ type: CKA.LABEL, value: Buffer.from(label, 'utf8') });
  if (id !== undefined) wanted.push({ type: CKA.ID, value: id });
  const [found, ...others] = await cryptoki.find(session, wanted, 2);
  if (found === undefined) {
    throw new SignerError('key_not_found', {
      detail: `the token has no ${KINDS[kind]} key object of this label or id`,
    });
  }
  if (others.length > 0) {
    throw new SignerError('key_ambiguous', {
      detail: `the token has several ${KINDS[kind]} key objects of this label or id`,
    });
  }
  return found;
}
