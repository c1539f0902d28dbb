/**
 * A PKCS #11 module: a shared library, its functions as promises, and how the platform lays out its structures. Called with koffi,
 * whose binary comes inside its package, on koffi's worker threads, so that a slow token never holds up the event loop.
 *
 * The functions are found through `C_GetFunctionList`, the one symbol that the standard has a module export.
 */
import type * as Koffi from 'koffi';
import { SignerError } from '../signer-error.ts';
import type { Handle } from './cryptoki.ts';
import { assertOk } from './return-values.ts';

/** Members of `CK_FUNCTION_LIST` up to the last that is used, in their order there, without their `C_`. */
const FUNCTION_LIST = `
  Initialize Finalize GetInfo GetFunctionList GetSlotList GetSlotInfo GetTokenInfo GetMechanismList GetMechanismInfo
  InitToken InitPIN SetPIN OpenSession CloseSession CloseAllSessions GetSessionInfo GetOperationState SetOperationState
  Login Logout CreateObject CopyObject DestroyObject GetObjectSize GetAttributeValue SetAttributeValue FindObjectsInit
  FindObjects FindObjectsFinal EncryptInit Encrypt EncryptUpdate EncryptFinal DecryptInit Decrypt DecryptUpdate
  DecryptFinal DigestInit Digest DigestUpdate DigestKey DigestFinal SignInit Sign`
  .trim()
  .split(/\s+/u);

/** What each function takes: `u` a `CK_ULONG`, `b` a `CK_BYTE`, `p` a pointer. */
const SIGNATURES = {
  C_Initialize: 'p',
  C_Finalize: 'p',
  C_GetSlotList: 'bpp',
  C_GetTokenInfo: 'up',
  C_GetMechanismInfo: 'uup',
  C_OpenSession: 'uuppp',
  C_CloseSession: 'u',
  C_Login: 'uupu',
  C_GetAttributeValue: 'uupu',
  C_FindObjectsInit: 'upu',
  C_FindObjects: 'upup',
  C_FindObjectsFinal: 'u',
  C_SignInit: 'upu',
  C_Sign: 'upupp',
} as const;

export type FunctionName = keyof typeof SIGNATURES;
export type Argument = Handle | Buffer | null;
/** Calls a function of the module on a worker thread; answers its return value. */
export type Call = (name: FunctionName, ...values: readonly Argument[]) => Promise<number>;

/** How the platform lays out a `CK_ULONG`, a pointer, and structures of both. */
export interface Layout {
  readonly ulong: number;
  readonly readUlong: (buffer: Buffer, offset: number) => Handle;
  readonly writeUlong: (buffer: Buffer, offset: number, value: Handle) => void;
  /** Writes the address of the byte at `target` of the same buffer. */
  readonly writeOwnAddress: (buffer: Buffer, offset: number, target: number) => void;
  readonly attribute: { readonly size: number; readonly value: number; readonly length: number };
  readonly mechanism: { readonly size: number; readonly parameter: number; readonly length: number };
  readonly initializeArguments: { readonly size: number; readonly flags: number };
}

/** A module that is loaded. */
export interface NativeModule {
  /** The shared library. Nothing else refers to it, and koffi unmaps a library that is collected, under the functions found in it. */
  readonly library: unknown;
  readonly call: Call;
  readonly layout: Layout;
}

/** @throws {SignerError} `module_unloadable`. */
export function loadModule(koffi: typeof Koffi, modulePath: string): NativeModule {
  // On Windows the standard packs structures (PKCS #11 section 2.1).
  const aggregate = process.platform === 'win32' ? koffi.pack : koffi.struct;
  try {
    const library = koffi.load(modulePath);
    const version = koffi.struct({ major: 'uint8', minor: 'uint8' });
    const members = Object.fromEntries(FUNCTION_LIST.map((name) => [`C_${name}`, 'void *']));
    const list = aggregate({ version, ...members });
    const address: [unknown] = [null];
    const value: unknown = library.func('C_GetFunctionList', 'ulong', [koffi.out(koffi.pointer('void *'))])(address);
    assertOk('C_GetFunctionList', Number(value));
    const pointers = koffi.decode(address[0], list) as Readonly<Record<string, unknown>>;
    const types = { u: 'ulong', b: 'uint8', p: 'void *' } as const;
    const functions = new Map(
      Object.entries(SIGNATURES).map(([name, signature]) => {
        const prototype = koffi.proto(
          'ulong',
          Array.from(signature, (letter) => types[letter as keyof typeof types]),
        );
        return [name, koffi.decode(pointers[name], prototype) as AsyncFunction] as const;
      }),
    );
    const call: Call = (name, ...values) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const done = (error: unknown, result: unknown): void => {
        // `values` is used here so that its buffers live until the call has answered.
        if (error === null && values.length === SIGNATURES[name].length) resolve(Number(result));
        else reject(error instanceof Error ? error : new TypeError(`${name}: called with wrong arguments`));
      };
      functions.get(name)?.async(...values, done);
      return promise;
    };
    return { library, call, layout: layoutOf(koffi, aggregate) };
  } catch (error) {
    if (error instanceof SignerError) throw error;
    throw new SignerError('module_unloadable', {
      detail: `${modulePath} is not a PKCS#11 module that can be loaded here`,
    });
  }
}

interface AsyncFunction {
  async(...values: readonly unknown[]): void;
}

function layoutOf(koffi: typeof Koffi, aggregate: (typeof Koffi)['struct']): Layout {
  const attribute = aggregate({ type: 'ulong', value: 'void *', length: 'ulong' });
  const mechanism = aggregate({ type: 'ulong', parameter: 'void *', length: 'ulong' });
  const initialize = aggregate({
    a: 'void *',
    b: 'void *',
    c: 'void *',
    d: 'void *',
    flags: 'ulong',
    reserved: 'void *',
  });
  return {
    ulong: koffi.sizeof('ulong'),
    readUlong: (buffer, offset) => koffi.decode(buffer, offset, 'ulong') as Handle,
    writeUlong: (buffer, offset, value) => koffi.encode(buffer, offset, 'ulong', value),
    writeOwnAddress: (buffer, offset, target) =>
      koffi.encode(buffer, offset, 'void *', koffi.address(buffer) + BigInt(target)),
    attribute: {
      size: koffi.sizeof(attribute),
      value: koffi.offsetof(attribute, 'value'),
      length: koffi.offsetof(attribute, 'length'),
    },
    mechanism: {
      size: koffi.sizeof(mechanism),
      parameter: koffi.offsetof(mechanism, 'parameter'),
      length: koffi.offsetof(mechanism, 'length'),
    },
    initializeArguments: { size: koffi.sizeof(initialize), flags: koffi.offsetof(initialize, 'flags') },
  };
}
