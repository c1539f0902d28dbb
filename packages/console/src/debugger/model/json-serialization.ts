/**
 * The JSON serializations: JWS (RFC 7515 section 7.2) and JWE (RFC 7516 section 7.2), general and flattened.
 *
 * Each signature or recipient is shown as the compact token it amounts to; unprotected headers are told, never merged.
 */
import { checkPayload } from './claim-rules.ts';
import { type DecodedPart, type Place, type TokenPart, decodeBytes, decodeJson } from './decode-part.ts';
import { type Fault, fault } from './fault.ts';
import { checkHeader } from './header-rules.ts';
import type { Inspection } from './inspect.ts';
import { type JsonNode, lineAndColumn, scanJson } from './json-scan.ts';
import { member } from './json-value.ts';
import { checkSignatureForm } from './signature-form.ts';

type Outcome = Partial<Inspection> & Pick<Inspection, 'form'>;

/** Reads the text of a JSON serialization. `choice` is the signature to show, from 0. */
export function inspectJsonSerialization(text: string, place: Place, choice: number): Outcome {
  const { node, faults: jsonFaults } = scanJson(text);
  const faults: Fault[] = jsonFaults.map((each) => {
    const span = { start: place(Math.min(each.at, text.length)), end: place(Math.min(each.at + 1, text.length)) };
    const data = {
      part: 'whole',
      ...lineAndColumn(text, each.at),
      found: each.found.slice(0, 80),
      expected: each.expected,
    };
    return fault('error', each.code, span, data);
  });
  const encrypted = member(node, 'ciphertext') !== undefined;
  const list = member(node, encrypted ? 'recipients' : 'signatures');
  const items = list?.type === 'array' ? list.items : node === undefined ? [] : [node];
  const item = items[Math.min(choice, items.length - 1)];
  const form = encrypted ? 'jwe-json' : 'jws-json';
  if (node === undefined || item === undefined) {
    return {
      form,
      faults: [...faults, fault('error', 'json-serialization-fields', undefined, { name: 'signatures' })],
    };
  }
  if (member(item, 'header') !== undefined || member(node, 'unprotected') !== undefined) {
    faults.push(fault('warning', 'unprotected-header', undefined));
  }
  const outcome = encrypted
    ? readEncrypted(node, item, text, place, faults)
    : readSigned(node, item, text, place, faults);
  return { ...outcome, form, signatures: items.length };
}

/** The text of a string member and its offset behind the opening quote; a fault if there is none. */
function textOf(node: JsonNode, name: string, faults: Fault[], optional = false): { text: string; from: number } {
  const value = member(node, name);
  if (value?.type === 'string') return { text: value.value, from: value.start + 1 };
  if (!optional || value !== undefined) faults.push(fault('error', 'json-serialization-fields', undefined, { name }));
  return { text: '', from: 0 };
}

function readSigned(node: JsonNode, item: JsonNode, text: string, place: Place, faults: Fault[]): Outcome {
  const inside = (index: number) => place(Math.min(index, text.length));
  const first = textOf(item, 'protected', faults);
  const second = textOf(node, 'payload', faults);
  const third = textOf(item, 'signature', faults);
  const header = decodeJson('header', first.text, first.from, inside);
  const payload = decodeJson('payload', second.text, second.from, inside);
  const signature = decodeBytes('signature', third.text, third.from, inside);
  faults.push(...header.faults, ...checkHeader(header, false), ...payload.faults, ...checkPayload(payload));
  faults.push(...signature.faults, ...checkSignatureForm(header, signature));
  const signed = { signingInput: `${first.text}.${second.text}`, signature: signature.bytes };
  return { form: 'jws-json', parts: inOrder([header, payload, signature]), header, payload, signed, faults };
}

function readEncrypted(node: JsonNode, item: JsonNode, text: string, place: Place, faults: Fault[]): Outcome {
  const inside = (index: number) => place(Math.min(index, text.length));
  const first = textOf(node, 'protected', faults);
  const header: DecodedPart = decodeJson('header', first.text, first.from, inside);
  const read = (owner: JsonNode, member: string, name: TokenPart['name'], optional = false) => {
    const { text: value, from } = textOf(owner, member, faults, optional);
    const part = decodeBytes(name, value, from, inside);
    faults.push(...part.faults);
    return part;
  };
  const key = read(item, 'encrypted_key', 'encrypted-key', true);
  const iv = read(node, 'iv', 'iv');
  const ciphertext = read(node, 'ciphertext', 'ciphertext');
  const tag = read(node, 'tag', 'tag');
  faults.push(...header.faults, ...checkHeader(header, true));
  const aad = member(node, 'aad');
  const encrypted = {
    aad: aad?.type === 'string' ? `${first.text}.${aad.value}` : first.text,
    encryptedKey: key.bytes,
    iv: iv.bytes,
    ciphertext: ciphertext.bytes,
    tag: tag.bytes,
  };
  return { form: 'jwe-json', parts: inOrder([header, key, iv, ciphertext, tag]), header, encrypted, faults };
}

/** Colouring goes through the text once: parts in the order in which they stand, absent ones left out. */
function inOrder(parts: readonly TokenPart[]): TokenPart[] {
  return parts.filter((part) => part.text !== '').sort((a, b) => a.span.start - b.span.start);
}
