/**
 * From pasted text to all that can be said of it without a key: its form, its parts, what they hold and what is wrong.
 *
 * Pure, total (never throws) and bounded. Nothing is verified here: `crypto/` does that when there is a key.
 */
import { checkPayload } from './claim-rules.ts';
import { type DecodedPart, type Place, type TokenPart, decodeBytes, decodeJson } from './decode-part.ts';
import { type Fault, fault } from './fault.ts';
import { type ForeignKind, recogniseForeign } from './foreign.ts';
import { checkHeader } from './header-rules.ts';
import { inspectJsonSerialization } from './json-serialization.ts';
import { member } from './json-value.ts';
import { type Located, MAXIMUM_TEXT, locateTokens, looksLikeSerialization } from './locate.ts';
import { type SdJwt, readSdJwt } from './sd-jwt.ts';
import { checkSignatureForm } from './signature-form.ts';

/** What the text is. `broken`: meant as a token, but of no serialization. `foreign`: something else. */
export type Form = 'empty' | 'jws' | 'jwe' | 'sd-jwt' | 'jws-json' | 'jwe-json' | 'broken' | 'foreign' | 'too-long';

/** A signature and what it covers. */
export interface SignedContent {
  readonly signingInput: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** The five parts of a JWE (RFC 7516 section 3). */
export interface EncryptedContent {
  /** The protected header as it was encoded: the additional authenticated data. */
  readonly aad: string;
  readonly encryptedKey: Uint8Array<ArrayBuffer>;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  readonly tag: Uint8Array<ArrayBuffer>;
}

export interface Inspection {
  readonly pasted: string;
  readonly form: Form;
  /** What it is instead, if `form` is `foreign`. */
  readonly foreign: ForeignKind | undefined;
  /** The token that was looked at, and the others that the text holds. */
  readonly located: Located | undefined;
  readonly candidates: readonly Located[];
  readonly parts: readonly TokenPart[];
  readonly header: DecodedPart | undefined;
  readonly payload: DecodedPart | undefined;
  readonly signed: SignedContent | undefined;
  readonly encrypted: EncryptedContent | undefined;
  readonly sdJwt: SdJwt | undefined;
  /** JSON serialization: how many signatures or recipients there are. */
  readonly signatures: number;
  /** All faults, in the order of their places. */
  readonly faults: readonly Fault[];
}

type Outcome = Partial<Omit<Inspection, 'pasted' | 'candidates'>> & { readonly form: Form };

/**
 * Inspects pasted text.
 *
 * @param choice - Which of several tokens in the text, from 0; of a JSON serialization with one token, which signature.
 */
export function inspect(pasted: string, choice = 0): Inspection {
  const candidates = locateTokens(pasted);
  const located = candidates[Math.min(choice, candidates.length - 1)];
  const outcome: Outcome = located === undefined ? { form: 'empty' } : inspectLocated(located, choice);
  const { faults = [], ...rest } = outcome;
  return {
    pasted,
    candidates,
    located,
    foreign: undefined,
    parts: [],
    header: undefined,
    payload: undefined,
    signed: undefined,
    encrypted: undefined,
    sdJwt: undefined,
    signatures: rest.signed || rest.encrypted ? 1 : 0,
    ...rest,
    faults: faults.toSorted((a, b) => (a.span?.start ?? -1) - (b.span?.start ?? -1)),
  };
}

function inspectLocated(located: Located, choice: number): Outcome {
  const { token, place } = located;
  if (token.length > MAXIMUM_TEXT) {
    const span = { start: place(0), end: place(token.length) };
    return {
      form: 'too-long',
      faults: [fault('error', 'too-long', span, { length: token.length, limit: MAXIMUM_TEXT })],
    };
  }
  if (looksLikeSerialization(token)) return inspectJsonSerialization(token, place, choice);
  if (/\s/u.test(token)) return { form: 'foreign', foreign: recogniseForeign(token) };
  if (token.includes('~') && /^[^~]*\.[^~]*\.[^~]*~/u.test(token)) return inspectSdJwt(token, place);
  return inspectCompact(token, place);
}

interface Piece {
  readonly text: string;
  readonly from: number;
}

/** The first `limit` parts; the last of them keeps everything after it. */
function splitParts(token: string, limit: number): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  while (pieces.length < limit - 1) {
    const dot = token.indexOf('.', from);
    if (dot === -1) break;
    pieces.push({ text: token.slice(from, dot), from });
    from = dot + 1;
  }
  pieces.push({ text: token.slice(from), from });
  return pieces;
}

function inspectCompact(token: string, place: Place): Outcome {
  const pieces = splitParts(token, 6);
  const [first] = pieces;
  const count = pieces.length < 6 ? pieces.length : token.split('.').length;
  if (pieces.length === 1 || first === undefined) return inspectSingle(token, place);
  const kind = recogniseForeign(token);
  if (kind !== 'opaque' && kind !== 'single-part' && kind !== 'prose' && kind !== 'cwt') {
    return { form: 'foreign', foreign: kind };
  }
  if (pieces.length === 5) return inspectEncrypted(pieces, place);
  const outcome = inspectSigned(pieces, place);
  if (pieces.length === 3) return outcome;
  const code = pieces.length === 2 ? 'parts-two' : pieces.length === 4 ? 'parts-four' : 'parts-many';
  const extra = pieces.slice(3).map(({ text, from }) => decodeBytes('extra', text, from, place));
  return {
    ...outcome,
    form: 'broken',
    signed: undefined,
    parts: [...(outcome.parts ?? []), ...extra],
    faults: [...(outcome.faults ?? []), fault('error', code, { start: place(0), end: place(token.length) }, { count })],
  };
}

/** One part and no dot: the beginning of a token, or no token. */
function inspectSingle(token: string, place: Place): Outcome {
  const header = decodeJson('header', token, 0, place);
  if (header.node?.type !== 'object') return { form: 'foreign', foreign: recogniseForeign(token) };
  const cut = fault('error', 'parts-one', header.span, { count: 1 });
  return { form: 'broken', parts: [header], header, faults: [cut, ...header.faults, ...checkHeader(header, false)] };
}

export function inspectSigned(pieces: readonly Piece[], place: Place): Outcome {
  const [first = { text: '', from: 0 }, second = { text: '', from: 0 }, third] = pieces;
  const header = decodeJson('header', first.text, first.from, place);
  const b64 = member(header.node, 'b64');
  const raw = b64?.type === 'boolean' && !b64.value;
  const payload = decodeJson('payload', second.text, second.from, place, raw);
  const faults = [...header.faults, ...checkHeader(header, false), ...payload.faults, ...checkPayload(payload)];
  if (third === undefined) return { form: 'jws', parts: [header, payload], header, payload, faults };
  const signature = decodeBytes('signature', third.text, third.from, place);
  faults.push(...signature.faults, ...checkSignatureForm(header, signature));
  const signed = { signingInput: `${first.text}.${second.text}`, signature: signature.bytes };
  return { form: 'jws', parts: [header, payload, signature], header, payload, signed, faults };
}

function inspectEncrypted(pieces: readonly Piece[], place: Place): Outcome {
  const at = (index: number) => pieces[index] ?? { text: '', from: 0 };
  const header = decodeJson('header', at(0).text, at(0).from, place);
  const bytes = (['encrypted-key', 'iv', 'ciphertext', 'tag'] as const).map((name, index) =>
    decodeBytes(name, at(index + 1).text, at(index + 1).from, place),
  );
  const empty = new Uint8Array();
  const [encryptedKey = empty, iv = empty, ciphertext = empty, tag = empty] = bytes.map((part) => part.bytes);
  const faults = [...header.faults, ...checkHeader(header, true), ...bytes.flatMap((part) => part.faults)];
  for (const part of bytes) {
    if (part.text === '' && (part.name === 'iv' || part.name === 'tag')) {
      faults.push(fault('error', 'part-empty', part.span, { part: part.name }));
    }
  }
  const encrypted = { aad: at(0).text, encryptedKey, iv, ciphertext, tag };
  return { form: 'jwe', parts: [header, ...bytes], header, encrypted, faults };
}

function inspectSdJwt(token: string, place: Place): Outcome {
  const [issued = '', ...rest] = token.split('~');
  const outcome = inspectSigned(splitParts(issued, 3), place);
  const sdJwt = readSdJwt(outcome.payload?.node, issued, rest, place);
  return {
    ...outcome,
    form: 'sd-jwt',
    sdJwt,
    parts: [...(outcome.parts ?? []), ...sdJwt.parts],
    faults: [...(outcome.faults ?? []), ...sdJwt.faults],
  };
}
