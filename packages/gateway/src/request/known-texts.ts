/**
 * Short texts that come again and again (names of fields, methods), each as the one string that was made for it the first time.
 *
 * A text that was just cut out of a head is hashed and looked up in V8's table of strings by the first `Map` or `Set` that it is asked of, which costs
 * ten times what comparing it with the same text of the request before does. A text that has its place keeps it: whoever invents names takes
 * the free places at most, and what has none is cut out as if there were no table.
 */

const PLACES = 512;
/** What is longer is rarely seen again. */
const LONGEST = 48;

export class KnownTexts {
  readonly #texts: string[] = Array.from({ length: PLACES }, () => '');
  readonly #made: string[] = Array.from({ length: PLACES }, () => '');
  readonly #make: (text: string) => string;

  /**
   * @param usual - Texts that have their places from the start.
   * @param make - What is wanted of a text, such as its lower case; the text itself by default.
   */
  constructor(usual: Iterable<string> = [], make: (text: string) => string = (text) => text) {
    this.#make = make;
    for (const text of usual) this.at(text, 0, text.length);
  }

  /** `make` of the text from `start` to `end` of `whole`, one character an octet. */
  at(whole: string, start: number, end: number): string {
    const length = end - start;
    if (length <= 0 || length > LONGEST) return this.#make(whole.slice(start, end));
    const place =
      (length * 37 +
        whole.charCodeAt(start) * 5 +
        whole.charCodeAt(end - 1) * 11 +
        whole.charCodeAt(start + (length >> 1))) %
      PLACES;
    const known = this.#texts[place]!;
    if (known.length === length && whole.startsWith(known, start)) return this.#made[place]!;
    const text = whole.slice(start, end);
    if (known === '') {
      // A slice would keep all of the head that it was cut out of.
      this.#texts[place] = Buffer.from(text, 'latin1').toString('latin1');
      this.#made[place] = this.#make(this.#texts[place]);
      return this.#made[place];
    }
    return this.#make(text);
  }
}

const LOWER_CASE = [
  'host connection authorization cookie user-agent accept accept-encoding accept-language content-length content-type transfer-encoding',
  'x-request-id x-forwarded-for x-forwarded-proto x-forwarded-host forwarded origin referer expect upgrade te dpop traceparent tracestate',
  'cache-control if-none-match if-modified-since range sec-fetch-site sec-fetch-mode sec-fetch-dest server date etag vary keep-alive',
  'last-modified set-cookie location accept-ranges content-encoding',
].flatMap((line) => line.split(' '));

/** Names of fields as most programs spell them: `content-type` and `Content-Type`. */
export const USUAL_FIELD_NAMES: readonly string[] = LOWER_CASE.flatMap((name) => [
  name,
  name.replace(/(?:^|-)[a-z]/gu, (first) => first.toUpperCase()),
]);
