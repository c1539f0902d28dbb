/**
 * Texts that someone hostile, or a broken program, might give to be pasted: 2,000 of them, the same in every run.
 *
 * A seeded generator makes them, so that a failure can be found again by its index.
 */
import { KEY_MANAGEMENT_NAMES, SIGNATURE_NAMES } from '../../src/debugger/crypto/algorithms.ts';

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Markup that would leave a trace if it were ever taken as markup: `window.pwned`, or an element with `data-pwned`. */
const MARKUP = [
  '<img src=x onerror="window.pwned=1" data-pwned>',
  '<script data-pwned>window.pwned=1</script>',
  '"><svg onload=window.pwned=1 data-pwned>',
  '<a data-pwned href="javascript:window.pwned=1">x</a>',
  '</pre></textarea><iframe data-pwned srcdoc="<script>parent.pwned=1</script>">',
  '{{constructor.constructor("window.pwned=1")()}}',
  '<style data-pwned>*{display:none}</style>',
];

const ODD = [
  '\u0000',
  '\uFEFF',
  '\uD800',
  '\u202E',
  '\u200B',
  '💥',
  'é',
  '\n',
  '\t',
  ' ',
  '%00',
  '"',
  "'",
  '\\',
  '`',
  '=',
  '+',
  '/',
  '~',
  '.',
  '-',
  '_',
  '{',
  '[',
];

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  '_sd',
  '_sd_alg',
  '...',
  'cnf',
  'status',
  '',
  'a\u0000b',
  'then',
];

function generator(seed: number) {
  let state = seed;
  const next = () => {
    // xorshift32: short, and the same everywhere.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const from = <T>(list: readonly T[]): T => {
    const item = list[below(list.length)];
    if (item === undefined) throw new RangeError('empty list');
    return item;
  };
  return { below, from };
}

type Source = ReturnType<typeof generator>;

function value({ below, from }: Source, depth = 0): unknown {
  const kinds: (() => unknown)[] = [
    () => from(MARKUP),
    () => from(ODD).repeat(1 + below(20)),
    () => from([0, -1, 1e308, 1.5, 2 ** 53, 1_700_000_000, 1_700_000_000_000, -8.64e12, 8.64e12 + 1]),
    () => from([true, false, null]),
    () => (depth > 3 ? [] : Array.from({ length: below(5) }, () => value({ below, from }, depth + 1))),
    () =>
      depth > 3
        ? {}
        : Object.fromEntries(Array.from({ length: below(6) }, () => [from(NAMES), value({ below, from }, depth + 1)])),
  ];
  return from(kinds)();
}

const object = (source: Source) =>
  Object.fromEntries(Array.from({ length: source.below(8) }, () => [source.from(NAMES), value(source)]));
const noise = ({ below, from }: Source, length: number) =>
  Array.from({ length }, () => (below(6) === 0 ? from(ODD) : String.fromCodePoint(33 + below(94)))).join('');

function compact(source: Source): string {
  const { below, from } = source;
  const alg = from<unknown>([...SIGNATURE_NAMES, 'none', 'NONE', 'hs256', ...MARKUP, null, 7, ['ES256'], '']);
  const header = {
    alg,
    typ: from<unknown>(['JWT', 'dpop+jwt', 'at+jwt', 'dc+sd-jwt', from(MARKUP), 3]),
    kid: value(source),
    jwk: value(source),
    crit: value(source),
  };
  return `${encode(header)}.${encode(object(source))}.${encode(noise(source, below(90)))}`;
}

function encrypted(source: Source): string {
  const { below, from } = source;
  const header = {
    alg: from<unknown>([...KEY_MANAGEMENT_NAMES, 'RSA1_5', from(MARKUP)]),
    enc: from(['A256GCM', 'A128CBC-HS256', 'x', '']),
    epk: value(source),
    zip: from(['DEF', 1]),
  };
  return [encode(header), ...Array.from({ length: 4 }, () => encode(noise(source, below(40))))].join('.');
}

function mutate(text: string, { below, from }: Source): string {
  const at = below(text.length + 1);
  const actions = [
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, at) + from(ODD) + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1 + below(4)),
    () => text.slice(0, at) + from(MARKUP) + text.slice(at),
    () => text.replaceAll('.', '..'),
    () => text + text,
    () => `${text}.${text}`,
    () => Array.from(text).toReversed().join(''),
  ];
  return from(actions)();
}

/** Large or deep texts: caps must hold, and the page must stay quick. */
function heavy(): string[] {
  const header = encode({ alg: 'ES256' });
  const deep = encode('['.repeat(5000) + ']'.repeat(5000));
  const members = encode(`{${Array.from({ length: 20_000 }, (_, index) => `"m${index}":${index}`).join(',')}}`);
  return [
    '.'.repeat(100_000),
    'A'.repeat(1_000_000),
    `${header}.${deep}.AAAA`,
    `${header}.${members}.AAAA`,
    `${header}.${encode({ a: 'x'.repeat(150_000) })}.AAAA`,
    `${header}.${encode({ _sd: Array.from({ length: 2000 }, () => 'x') })}.AAAA${'~WyJhIl0'.repeat(2000)}~`,
    `eyJ${'.eyJ'.repeat(20_000)}`,
    'eyJhbGciOiJIUzI1NiJ9.e30.x '.repeat(2000),
    '{"payload":'.repeat(3000),
    '-----BEGIN PUBLIC KEY-----'.repeat(1000),
  ];
}

/** The texts. */
export function hostileTexts(count: number): string[] {
  const source = generator(20_261_122);
  const { below, from } = source;
  const texts = [...heavy(), ...MARKUP, ...ODD, ...NAMES];
  const kinds: (() => string)[] = [
    () => compact(source),
    () => encrypted(source),
    () => mutate(compact(source), source),
    () => mutate(encrypted(source), source),
    () => noise(source, 1 + below(200)),
    () => `${encode(noise(source, below(60)))}.${encode(noise(source, below(60)))}.${noise(source, below(30))}`,
    () =>
      `${encode(`{"alg":"ES256","alg":${JSON.stringify(from(MARKUP))}}`)}.${encode(JSON.stringify(object(source)).slice(0, -below(9)))}.${encode('x'.repeat(64))}`,
    () =>
      `${compact(source)}~${encode([from(MARKUP), from(NAMES), value(source)])}~${from(['', compact(source), from(ODD)])}`,
    () =>
      JSON.stringify({
        payload: encode(object(source)),
        protected: encode({ alg: 'ES256' }),
        signature: from<unknown>(['AA', 3, null]),
        header: value(source),
      }),
    () => JSON.stringify({ access_token: compact(source), id_token: from(MARKUP), scope: noise(source, 9) }),
    () => `Authorization: Bearer ${mutate(compact(source), source)}`,
    () => JSON.stringify({ keys: [value(source), object(source)], kty: from(['RSA', 'EC', from(MARKUP)]) }),
  ];
  while (texts.length < count) texts.push(from(kinds)());
  return texts.slice(0, count);
}
