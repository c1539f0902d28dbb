/**
 * The part of PKCS #11 that signing needs, as an interface: what `native.ts` does through a module, and what tests can put a fault
 * into. A private key has a handle here and nothing else; there is no way to ask for its value.
 */

/** A session or an object, as the module numbers it. */
export type Handle = number | bigint;

/** One token in one slot (`CK_TOKEN_INFO`). */
export interface TokenInfo {
  readonly slot: Handle;
  readonly label: string;
  readonly serial: string;
  readonly flags: number;
}

/** An attribute to look for (`CK_ATTRIBUTE`): numbers are `CK_ULONG`, booleans `CK_BBOOL`. */
export interface AttributeMatch {
  readonly type: number;
  readonly value: number | boolean | Uint8Array;
}

/** A mechanism and its parameter (`CK_MECHANISM`): numbers are a structure of `CK_ULONG`s. */
export interface Mechanism {
  readonly type: number;
  readonly parameter?: readonly number[];
}

/** Every function runs on a worker thread and throws `SignerError`. */
export interface Cryptoki {
  /** Every token that is present and initialised. Initialises the module first where it is not. */
  tokens(): Promise<readonly TokenInfo[]>;
  /** Whether the token has the mechanism, for signing. */
  canSign(slot: Handle, mechanism: number): Promise<boolean>;
  openSession(slot: Handle): Promise<Handle>;
  closeSession(session: Handle): Promise<void>;
  /** Logs the application in at the session's token; no failure if it is already. */
  login(session: Handle, pin: string): Promise<void>;
  /** At most `limit` objects that have all the attributes. */
  find(session: Handle, attributes: readonly AttributeMatch[], limit: number): Promise<readonly Handle[]>;
  /** The values of those attributes that the object has. */
  attributes(session: Handle, object: Handle, types: readonly number[]): Promise<ReadonlyMap<number, Buffer>>;
  /** `C_SignInit` and `C_Sign`. With `contextPin`, a login for this one signature in between (`CKA_ALWAYS_AUTHENTICATE`). */
  sign(
    session: Handle,
    key: Handle,
    mechanism: Mechanism,
    data: Uint8Array,
    contextPin: string | undefined,
  ): Promise<Uint8Array>;
  /** Gives the module up; the last user finalises it. */
  release(): Promise<void>;
}
