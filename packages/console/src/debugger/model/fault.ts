/**
 * What is wrong with a pasted token, and where: a code, how grave it is, and the characters it is about.
 *
 * No text for people stands here: `strings/faults.ts` has a title and an explanation for each code.
 */

/** A range of UTF-16 code units in the text as it was pasted. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `error`: no conforming verifier accepts this. `warning`: some do, and should not. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

export type FaultCode =
  | 'too-long'
  | 'parts-one'
  | 'parts-two'
  | 'parts-four'
  | 'parts-many'
  | 'part-empty'
  | 'header-empty'
  | 'signature-missing'
  | 'base64-character'
  | 'base64-standard-alphabet'
  | 'base64-padding'
  | 'base64-length'
  | 'base64-trailing-bits'
  | 'utf8-invalid'
  | 'utf8-bom'
  | 'json-syntax'
  | 'json-ends-early'
  | 'json-after-end'
  | 'json-duplicate'
  | 'json-control-character'
  | 'json-lone-surrogate'
  | 'json-number-range'
  | 'json-too-complex'
  | 'json-proto-member'
  | 'json-nul'
  | 'json-past-limits'
  | 'header-not-object'
  | 'payload-not-object'
  | 'payload-not-json'
  | 'alg-missing'
  | 'alg-not-string'
  | 'alg-none'
  | 'alg-case'
  | 'alg-unknown'
  | 'alg-unsupported'
  | 'enc-missing'
  | 'enc-unknown'
  | 'zip-present'
  | 'crit-invalid'
  | 'crit-unknown'
  | 'b64-false'
  | 'header-key-inside'
  | 'header-key-address'
  | 'kid-suspicious'
  | 'signature-length'
  | 'signature-der'
  | 'json-serialization-fields'
  | 'unprotected-header'
  | 'time-not-number'
  | 'time-milliseconds'
  | 'time-order'
  | 'claim-type'
  | 'sd-disclosure-invalid'
  | 'sd-disclosure-unused'
  | 'sd-digest-repeated'
  | 'sd-algorithm-unknown'
  | 'sd-not-terminated'
  | 'dpop-member-missing'
  | 'dpop-private-key'
  | 'dpop-symmetric';

/** What a fault's text may quote: short, taken from the token, shown as text and never as markup. */
export type FaultData = Readonly<Record<string, string | number>>;

export interface Fault {
  readonly code: FaultCode;
  readonly severity: Severity;
  /** Where, if it can be pointed at. */
  readonly span: Span | undefined;
  readonly data: FaultData;
}

export function fault(severity: Severity, code: FaultCode, span?: Span, data: FaultData = {}): Fault {
  return { code, severity, span, data };
}

/** The gravest of some faults, or `undefined` for none. */
export function gravest(faults: readonly Fault[]): Severity | undefined {
  for (const severity of ['error', 'warning', 'note'] as const) {
    if (faults.some((each) => each.severity === severity)) return severity;
  }
  return undefined;
}

/** A character named so that a reader can find it: visible ones as they are, all with their code point. */
export function nameCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const visible = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character);
  return visible ? `${character} (${hex})` : hex;
}
