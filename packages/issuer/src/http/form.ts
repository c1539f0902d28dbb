/**
 * `application/x-www-form-urlencoded` bodies as OAuth uses them (RFC 6749 section 3.2 and appendix B): strict UTF-8, no parameter twice,
 * a parameter without a value counts as absent.
 */
import { isAscii } from 'node:buffer';

export type FormFault = 'encoding_invalid' | 'parameter_repeated' | 'too_many_parameters';

export class FormError extends Error {
  override readonly name = 'FormError';
  readonly fault: FormFault;

  constructor(fault: FormFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export type Form = ReadonlyMap<string, string>;

const MOST_PARAMETERS = 64;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {FormError} */
export function parseForm(body: Buffer): Form {
  const form = new Map<string, string>();
  const seen = new Set<string>();
  const text = decodeUtf8(body);
  if (text === '') return form;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodePart(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decodePart(pair.slice(equals + 1));
    if (seen.has(name)) throw new FormError('parameter_repeated', 'a parameter is repeated');
    if (seen.size === MOST_PARAMETERS) throw new FormError('too_many_parameters', 'there are too many parameters');
    seen.add(name);
    if (value !== '') form.set(name, value);
  }
  return form;
}

/** One part of a form-urlencoded text. @throws {FormError} `encoding_invalid`. */
export function decodePart(text: string): string {
  if (!/[%+]/u.test(text)) return text;
  try {
    return decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
  } catch {
    throw new FormError('encoding_invalid', 'the body is not valid form-urlencoded UTF-8');
  }
}

function decodeUtf8(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FormError('encoding_invalid', 'the body is not valid form-urlencoded UTF-8');
  }
}
