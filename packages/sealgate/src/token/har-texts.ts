/**
 * The texts of a HAR file (HTTP Archive 1.2) in which a token may stand: addresses, headers, cookies, bodies; each with the request it
 * belongs to. Whatever does not have the shape is passed over.
 */

export interface HarText {
  readonly text: string;
  /** `GET https://api.acme.test/orders, request header authorization`. */
  readonly place: string;
}

/** Undefined where the text is no HAR file. */
export function harTexts(text: string): HarText[] | undefined {
  if (!/^\s*\{/u.test(text) || !text.includes('"entries"')) return undefined;
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entries = memberOf(memberOf(root, 'log'), 'entries');
  return Array.isArray(entries) ? entries.flatMap(textsOfEntry) : undefined;
}

function textsOfEntry(entry: unknown): HarText[] {
  const request = memberOf(entry, 'request');
  const response = memberOf(entry, 'response');
  const url = textOf(request, 'url');
  const name = `${textOf(request, 'method')} ${url.replace(/[?#].*$/su, '')}`;
  const texts: HarText[] = [{ text: url, place: `${name}, address` }];
  for (const [side, message] of [
    ['request', request],
    ['response', response],
  ] as const) {
    for (const kind of ['header', 'cookie'] as const) {
      for (const field of listOf(message, `${kind}s`)) {
        texts.push({ text: textOf(field, 'value'), place: `${name}, ${side} ${kind} ${textOf(field, 'name')}` });
      }
    }
  }
  texts.push({ text: textOf(memberOf(request, 'postData'), 'text'), place: `${name}, request body` });
  const content = memberOf(response, 'content');
  const body = textOf(content, 'text');
  const isBase64 = memberOf(content, 'encoding') === 'base64';
  texts.push({
    text: isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body,
    place: `${name}, response body`,
  });
  return texts;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function textOf(value: unknown, name: string): string {
  const text = memberOf(value, name);
  return typeof text === 'string' ? text : '';
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
}
