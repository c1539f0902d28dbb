/**
 * `Cryptoki` through a module (`module.ts`). Structures are laid out by hand in buffers; a buffer handed to a call is referenced
 * until the call has answered, and what it points to is in the same buffer.
 */
import type * as Koffi from 'koffi';
import { loadOptionalPackage } from '../optional-package.ts';
import { CKF, CKR, CKU } from './constants.ts';
import type { AttributeMatch, Cryptoki, Handle, TokenInfo } from './cryptoki.ts';
import { type NativeModule, loadModule } from './module.ts';
import { assertOk, failureOf } from './return-values.ts';

/** At least the size of `CK_TOKEN_INFO` on any platform. */
const TOKEN_INFO_BYTES = 512;
const LARGEST_SIGNATURE_BYTES = 8192;
const LARGEST_ATTRIBUTE_BYTES = 8192;

/** Those in use, by path: a library is initialised and finalised once in a process. */
const loaded = new Map<string, { readonly native: NativeModule; users: number }>();

/**
 * Loads a PKCS #11 module, or shares it with whoever in this process has it loaded already.
 *
 * @param modulePath - Absolute path of the shared library.
 * @throws {SignerError} `package_missing` (koffi), `module_unloadable`.
 */
export async function loadCryptoki(modulePath: string, importKoffi?: () => Promise<unknown>): Promise<Cryptoki> {
  const koffi = await loadOptionalPackage<typeof Koffi>('koffi', importKoffi ?? (() => import('koffi')));
  const module = loaded.get(modulePath) ?? { native: loadModule(koffi, modulePath), users: 0 };
  loaded.set(modulePath, module);
  module.users += 1;
  let released = false;
  return cryptokiOf(module.native, async () => {
    if (released) return;
    released = true;
    module.users -= 1;
    if (module.users === 0) await module.native.call('C_Finalize', null);
  });
}

function cryptokiOf({ call, layout }: NativeModule, release: () => Promise<void>): Cryptoki {
  const { ulong, readUlong, writeUlong } = layout;

  const initialize = async (): Promise<void> => {
    const options = Buffer.alloc(layout.initializeArguments.size);
    writeUlong(options, layout.initializeArguments.flags, CKF.OS_LOCKING_OK);
    assertOk('C_Initialize', await call('C_Initialize', options), [CKR.CRYPTOKI_ALREADY_INITIALIZED]);
  };

  const slotsWithToken = async (): Promise<Handle[]> => {
    const count = Buffer.alloc(ulong);
    assertOk('C_GetSlotList', await call('C_GetSlotList', 1, null, count));
    // A token may be inserted between the two calls: room for a few more.
    const room = Number(readUlong(count, 0)) + 8;
    const slots = Buffer.alloc(room * ulong);
    writeUlong(count, 0, room);
    assertOk('C_GetSlotList', await call('C_GetSlotList', 1, slots, count));
    return Array.from({ length: Number(readUlong(count, 0)) }, (_, index) => readUlong(slots, index * ulong));
  };

  const tokenInfo = async (slot: Handle): Promise<TokenInfo | undefined> => {
    const info = Buffer.alloc(TOKEN_INFO_BYTES);
    // A token that was removed meanwhile, or that is not recognised, is none.
    if ((await call('C_GetTokenInfo', slot, info)) !== CKR.OK) return undefined;
    const text = (from: number, length: number): string => info.toString('utf8', from, from + length).trimEnd();
    return { slot, label: text(0, 32), serial: text(80, 16), flags: Number(readUlong(info, 96)) };
  };

  // Attributes and what they point to in one buffer: neither can be collected before the other.
  const template = (attributes: readonly { readonly type: number; readonly value: Buffer }[]): Buffer => {
    const { size, value, length } = layout.attribute;
    const buffer = Buffer.alloc(attributes.reduce((sum, attribute) => sum + size + attribute.value.length, 0));
    let end = attributes.length * size;
    for (const [index, attribute] of attributes.entries()) {
      attribute.value.copy(buffer, end);
      writeUlong(buffer, index * size, attribute.type);
      layout.writeOwnAddress(buffer, index * size + value, end);
      writeUlong(buffer, index * size + length, attribute.value.length);
      end += attribute.value.length;
    }
    return buffer;
  };

  const mechanismWith = (type: number, parameters: Buffer): Buffer => {
    const { size, parameter, length } = layout.mechanism;
    const buffer = Buffer.alloc(size + parameters.length);
    parameters.copy(buffer, size);
    writeUlong(buffer, 0, type);
    if (parameters.length > 0) layout.writeOwnAddress(buffer, parameter, size);
    writeUlong(buffer, length, parameters.length);
    return buffer;
  };

  const ulongs = (values: readonly number[]): Buffer => {
    const buffer = Buffer.alloc(values.length * ulong);
    for (const [index, value] of values.entries()) writeUlong(buffer, index * ulong, value);
    return buffer;
  };

  const valueOf = ({ value }: AttributeMatch): Buffer => {
    if (typeof value === 'number') return ulongs([value]);
    return typeof value === 'boolean' ? Buffer.of(value ? 1 : 0) : Buffer.from(value);
  };

  return {
    async tokens() {
      await initialize();
      const found = await Promise.all((await slotsWithToken()).map(tokenInfo));
      return found.filter((token) => token !== undefined && (token.flags & CKF.TOKEN_INITIALIZED) !== 0) as TokenInfo[];
    },

    async canSign(slot, mechanism) {
      const info = Buffer.alloc(3 * ulong);
      const value = await call('C_GetMechanismInfo', slot, mechanism, info);
      if (value === CKR.MECHANISM_INVALID) return false;
      assertOk('C_GetMechanismInfo', value);
      return (Number(readUlong(info, 2 * ulong)) & CKF.MECHANISM_SIGN) !== 0;
    },

    async openSession(slot) {
      const session = Buffer.alloc(ulong);
      assertOk('C_OpenSession', await call('C_OpenSession', slot, CKF.SERIAL_SESSION, null, null, session));
      return readUlong(session, 0);
    },

    async closeSession(session) {
      // A session that is gone already is closed.
      await call('C_CloseSession', session);
    },

    async login(session, pin) {
      const bytes = Buffer.from(pin, 'utf8');
      const value = await call('C_Login', session, CKU.USER, bytes, bytes.length);
      bytes.fill(0);
      assertOk('C_Login', value, [CKR.USER_ALREADY_LOGGED_IN]);
    },

    async find(session, attributes, limit) {
      const wanted = template(attributes.map((match) => ({ type: match.type, value: valueOf(match) })));
      assertOk('C_FindObjectsInit', await call('C_FindObjectsInit', session, wanted, attributes.length));
      const objects = Buffer.alloc(limit * ulong);
      const count = Buffer.alloc(ulong);
      const value = await call('C_FindObjects', session, objects, limit, count);
      await call('C_FindObjectsFinal', session);
      assertOk('C_FindObjects', value);
      return Array.from({ length: Number(readUlong(count, 0)) }, (_, index) => readUlong(objects, index * ulong));
    },

    async attributes(session, object, types) {
      const found = new Map<number, Buffer>();
      // One at a time: a token may refuse a whole list for one attribute that the object lacks.
      for (const type of types) {
        const wanted = template([{ type, value: Buffer.alloc(LARGEST_ATTRIBUTE_BYTES) }]);
        const result = await call('C_GetAttributeValue', session, object, wanted, 1);
        if (result === CKR.ATTRIBUTE_TYPE_INVALID || result === CKR.ATTRIBUTE_SENSITIVE) continue;
        assertOk('C_GetAttributeValue', result);
        const { size, length } = layout.attribute;
        found.set(type, wanted.subarray(size, size + Number(readUlong(wanted, length))));
      }
      return found;
    },

    async sign(session, key, { type, parameter }, data, contextPin) {
      const mechanism = mechanismWith(type, ulongs(parameter ?? []));
      assertOk('C_SignInit', await call('C_SignInit', session, mechanism, key));
      if (contextPin !== undefined) {
        const bytes = Buffer.from(contextPin, 'utf8');
        const value = await call('C_Login', session, CKU.CONTEXT_SPECIFIC, bytes, bytes.length);
        bytes.fill(0);
        assertOk('C_Login', value);
      }
      const signature = Buffer.alloc(LARGEST_SIGNATURE_BYTES);
      const length = Buffer.alloc(ulong);
      writeUlong(length, 0, signature.length);
      const bytes = Buffer.from(data);
      const value = await call('C_Sign', session, bytes, bytes.length, signature, length);
      if (value !== CKR.OK) throw failureOf('C_Sign', value);
      return new Uint8Array(signature.subarray(0, Number(readUlong(length, 0))));
    },

    release,
  };
}
