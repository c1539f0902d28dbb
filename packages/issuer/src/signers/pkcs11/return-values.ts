/** What the return values of PKCS #11 mean to a caller: each `CKR_` as a code of {@link SignerError}. */
import { SignerError, type SignerErrorCode } from '../signer-error.ts';
import { CKR } from './constants.ts';

type ReturnValue = keyof typeof CKR;

/** Those not listed are `service_failed`. */
const MEANINGS: Readonly<Partial<Record<ReturnValue, SignerErrorCode>>> = {
  // The sessions are gone, or the login, or the token, or everything: a new connection may find it again.
  SLOT_ID_INVALID: 'token_lost',
  DEVICE_ERROR: 'token_lost',
  DEVICE_REMOVED: 'token_lost',
  KEY_HANDLE_INVALID: 'token_lost',
  OBJECT_HANDLE_INVALID: 'token_lost',
  SESSION_CLOSED: 'token_lost',
  SESSION_HANDLE_INVALID: 'token_lost',
  TOKEN_NOT_PRESENT: 'token_lost',
  TOKEN_NOT_RECOGNIZED: 'token_lost',
  USER_NOT_LOGGED_IN: 'token_lost',
  CRYPTOKI_NOT_INITIALIZED: 'token_lost',
  PIN_INCORRECT: 'pin_refused',
  PIN_INVALID: 'pin_refused',
  PIN_LEN_RANGE: 'pin_refused',
  PIN_EXPIRED: 'pin_locked',
  PIN_LOCKED: 'pin_locked',
  USER_PIN_NOT_INITIALIZED: 'pin_locked',
  KEY_FUNCTION_NOT_PERMITTED: 'key_not_permitted',
  KEY_SIZE_RANGE: 'mechanism_unsupported',
  KEY_TYPE_INCONSISTENT: 'key_mismatch',
  MECHANISM_INVALID: 'mechanism_unsupported',
  MECHANISM_PARAM_INVALID: 'mechanism_unsupported',
  DATA_LEN_RANGE: 'message_too_large',
  SESSION_COUNT: 'throttled',
  CANT_LOCK: 'module_unloadable',
};

const NAMES: ReadonlyMap<number, ReturnValue> = new Map(
  Object.entries(CKR).map(([name, value]) => [value, name as ReturnValue]),
);

/** `CKR_DEVICE_REMOVED`, or the number of a value that has no name here. */
export function nameOfReturnValue(value: number): string {
  const name = NAMES.get(value);
  return name === undefined ? `CKR 0x${value.toString(16)}` : `CKR_${name}`;
}

/** The failure that a function of the module reported. */
export function failureOf(functionName: string, value: number): SignerError {
  const name = NAMES.get(value);
  const code = (name === undefined ? undefined : MEANINGS[name]) ?? 'service_failed';
  return new SignerError(code, { reason: `${functionName}: ${nameOfReturnValue(value)}` });
}

/** @throws {SignerError} unless `value` is `CKR_OK` or one of `alsoFine`. */
export function assertOk(functionName: string, value: number, alsoFine: readonly number[] = []): void {
  if (value !== CKR.OK && !alsoFine.includes(value)) throw failureOf(functionName, value);
}
