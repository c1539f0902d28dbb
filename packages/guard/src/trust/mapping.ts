/** Checks a configured claim mapping, and puts preset, overrides and defaults together. */
import { parseJsonPointer, type JsonPointer } from '../decision/json-pointer.ts';
import type { ClaimMapping } from '../decision/principal.ts';
import { GuardError } from '../errors.ts';
import { PRESET_NAMES, PRESETS, STANDARD, type PresetName, type TokenShape } from './mapping-presets.ts';
import type { MappingOptions } from './options.ts';

const MEMBERS: ReadonlySet<string> = new Set([
  'preset',
  'client',
  'namespace',
  'subject',
  'clientId',
  'scopes',
  'roles',
  'scopeMayBeList',
] satisfies (keyof MappingOptions)[]);

/**
 * @param typ - As configured of the issuer, if it was.
 * @throws {GuardError} `options_invalid`, `policy_invalid` for a pointer that is none.
 */
export function resolveMapping(
  options: MappingOptions | PresetName | undefined,
  typ: string | undefined,
  path: string,
): { readonly mapping: ClaimMapping; readonly shape: TokenShape } {
  const given: MappingOptions = typeof options === 'string' ? { preset: options } : (options ?? {});
  for (const member of Object.keys(given)) {
    if (!MEMBERS.has(member)) invalid(`${path}.${member}`, `is not known; known are ${[...MEMBERS].join(', ')}`);
  }
  const { preset: name, client, namespace, scopeMayBeList } = given;
  if (name !== undefined && !PRESET_NAMES.includes(name)) {
    invalid(`${path}.preset`, `must be one of ${PRESET_NAMES.join(', ')}`);
  }
  if (client !== undefined && name !== 'keycloak') invalid(`${path}.client`, 'goes with the preset keycloak only');
  if (namespace !== undefined && name !== 'auth0') invalid(`${path}.namespace`, 'goes with the preset auth0 only');
  const preset = name === undefined ? STANDARD : PRESETS[name]({ client, namespace });
  const shape = { ...preset.shape, scopeMayBeList: scopeMayBeList ?? preset.shape.scopeMayBeList };
  if (scopeMayBeList === true && (typ ?? shape.typ)?.toLowerCase() === 'at+jwt') {
    invalid(`${path}.scopeMayBeList`, 'cannot be with typ at+jwt: there `scope` is a string (RFC 9068 section 2.2.3)');
  }
  const many = (member: 'clientId' | 'scopes' | 'roles'): readonly JsonPointer[] => {
    const value = given[member] ?? preset.mapping[member];
    const texts = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(texts) || texts.length === 0)
      invalid(`${path}.${member}`, 'must be a JSON Pointer, or a list of them');
    return texts.map((text: string) => parseJsonPointer(text, `${path}.${member}`));
  };
  return {
    mapping: {
      subject: parseJsonPointer(given.subject ?? preset.mapping.subject, `${path}.subject`),
      clientId: many('clientId'),
      scopes: many('scopes'),
      roles: many('roles'),
    },
    shape,
  };
}

function invalid(path: string, detail: string): never {
  throw new GuardError('options_invalid', { path, detail });
}
