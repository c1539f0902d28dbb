/**
 * What is wrong or remarkable in a JOSE header (RFC 7515 section 4, RFC 7516 section 4, RFC 7797, RFC 8725).
 */
import {
  CONTENT_ENCRYPTION_NAMES,
  KEY_MANAGEMENT_NAMES,
  REFUSED_KEY_MANAGEMENT,
  SIGNATURE_NAMES,
  isContentEncryption,
  isKeyManagement,
  isSignatureAlgorithm,
} from '../crypto/algorithms.ts';
import type { DecodedPart } from './decode-part.ts';
import { type Fault, fault } from './fault.ts';
import type { JsonMember } from './json-scan.ts';
import { member } from './json-value.ts';

/** Header parameters that the RFCs themselves define: `crit` must not name them (RFC 7515 section 4.1.11). */
const REGISTERED = new Set(
  'alg enc zip jku jwk kid x5u x5c x5t x5t#S256 typ cty crit epk apu apv iv tag p2s p2c'.split(' '),
);

export function checkHeader(header: DecodedPart, encrypted: boolean): Fault[] {
  if (header.node === undefined && header.text === '') return [fault('error', 'header-empty', header.span)];
  if (header.node?.type !== 'object') {
    const found = header.node?.type ?? (header.isUtf8 ? 'text' : 'bytes');
    return [fault('error', 'header-not-object', header.span, { found })];
  }
  const { members } = header.node;
  const faults: Fault[] = [];
  const spanOf = ({ nameStart, value }: JsonMember) => header.locate(nameStart, value.end);
  const told = new Set<string>();
  for (const each of members) {
    const span = spanOf(each);
    switch (each.name) {
      case 'jwk':
      case 'x5c':
        faults.push(fault('note', 'header-key-inside', span, { name: each.name }));
        break;
      case 'jku':
      case 'x5u':
        faults.push(fault('warning', 'header-key-address', span, { name: each.name }));
        break;
      case 'zip':
        faults.push(fault('warning', 'zip-present', span));
        break;
      case 'b64':
        if (each.value.type === 'boolean' && !each.value.value) faults.push(fault('warning', 'b64-false', span));
        break;
      case 'crit':
        faults.push(...checkCritical(each, header));
        break;
      case 'kid':
        if (each.value.type !== 'string') {
          faults.push(fault('error', 'claim-type', span, { name: 'kid', expected: 'string', found: each.value.type }));
        } else if (each.value.value.length > 256 || /\.\.\/|\/etc\/|['";|`$<>\\]|\0/u.test(each.value.value)) {
          faults.push(fault('warning', 'kid-suspicious', span));
        }
        break;
      default:
    }
    told.add(each.name);
  }
  const alg = members.findLast(({ name }) => name === 'alg');
  // A header that was cut off may have had its algorithm further on.
  if (alg !== undefined) faults.push(...checkAlgorithm(alg, header, encrypted));
  else if (header.complete) faults.push(fault('error', 'alg-missing', header.span));
  if (encrypted) faults.push(...checkEncryption(header));
  return faults;
}

function checkAlgorithm(alg: JsonMember, header: DecodedPart, encrypted: boolean): Fault[] {
  const span = header.locate(alg.nameStart, alg.value.end);
  if (alg.value.type !== 'string') return [fault('error', 'alg-not-string', span, { found: alg.value.type })];
  const name = alg.value.value;
  if (encrypted ? isKeyManagement(name) : isSignatureAlgorithm(name)) return [];
  if (name.toLowerCase() === 'none') return [fault('error', 'alg-none', span, { name })];
  if ((REFUSED_KEY_MANAGEMENT as readonly string[]).includes(name)) {
    return [fault('warning', 'alg-unsupported', span, { name })];
  }
  const known: readonly string[] = [...SIGNATURE_NAMES, ...KEY_MANAGEMENT_NAMES];
  const meant = known.find((each) => each.toLowerCase() === name.toLowerCase());
  if (meant !== undefined && meant !== name) return [fault('error', 'alg-case', span, { name, meant })];
  return [fault('error', 'alg-unknown', span, { name: name.slice(0, 80), encrypted: encrypted ? 'yes' : 'no' })];
}

function checkEncryption(header: DecodedPart): Fault[] {
  const enc = member(header.node, 'enc');
  if (enc === undefined) return header.complete ? [fault('error', 'enc-missing', header.span)] : [];
  if (enc.type === 'string' && isContentEncryption(enc.value)) return [];
  const name = enc.type === 'string' ? enc.value.slice(0, 80) : enc.type;
  return [
    fault('error', 'enc-unknown', header.locate(enc.start, enc.end), {
      name,
      known: CONTENT_ENCRYPTION_NAMES.join(', '),
    }),
  ];
}

function checkCritical(crit: JsonMember, header: DecodedPart): Fault[] {
  const span = header.locate(crit.nameStart, crit.value.end);
  const { value } = crit;
  if (value.type !== 'array' || value.items.length === 0) return [fault('error', 'crit-invalid', span)];
  const faults: Fault[] = [];
  for (const item of value.items) {
    if (item.type !== 'string' || REGISTERED.has(item.value) || member(header.node, item.value) === undefined) {
      faults.push(fault('error', 'crit-invalid', span));
    } else if (item.value !== 'b64') {
      faults.push(fault('warning', 'crit-unknown', span, { name: item.value.slice(0, 80) }));
    }
  }
  return faults.slice(0, 5);
}
