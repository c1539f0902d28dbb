/** The options of `sealgate attack`, from text to what the attack takes. Each fault names the option and what it takes. Nothing is read here. */
import { isLoopbackHost } from '@sealgate/service';
import { misuse } from '../command-error.ts';
import type { Attack } from './attack.ts';
import { ATTACKS } from './attack-list.ts';

/** As the command line gives them. */
export interface RawAttackOptions {
  readonly token: string;
  readonly expiredToken?: string;
  readonly idToken?: string;
  readonly refreshToken?: string;
  readonly otherAudienceToken?: string;
  readonly otherIssuerToken?: string;
  readonly revokedToken?: string;
  readonly secondToken?: string;
  readonly publicKey?: string;
  readonly signingKey?: string;
  readonly open?: readonly string[];
  readonly optional?: string;
  readonly websocket?: string;
  readonly logout?: string;
  readonly only?: string;
  readonly skip?: string;
  readonly rate: string;
  readonly iOwnThisTarget?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
  readonly sarif?: string;
}

export interface AttackOptions {
  readonly url: URL;
  readonly attacks: readonly Attack[];
  readonly openPaths: readonly string[];
  readonly optionalPath: string | undefined;
  readonly websocketPath: string | undefined;
  readonly logoutUrl: URL | undefined;
  readonly ratePerSecond: number;
  /** Refuses an address of another machine, unless its owner said so. */
  readonly assertMine: (url: URL, what: string) => void;
}

const HIGHEST_RATE = 1000;

/** @throws {CommandError} `argument_invalid`. */
export function parseAttackOptions(address: string, raw: RawAttackOptions): AttackOptions {
  const assertMine = (url: URL, what: string): void => {
    if (raw.iOwnThisTarget === true || isLoopbackHost(url.hostname)) return;
    throw misuse(
      `${what} ${url.origin} is not of this machine; attack only what is yours, and say so: --i-own-this-target`,
    );
  };
  const url = parseUrl(address, 'the target');
  assertMine(url, 'the target');
  const logoutUrl = raw.logout === undefined ? undefined : parseUrl(raw.logout, '--logout');
  if (logoutUrl !== undefined) assertMine(logoutUrl, '--logout');
  return {
    url,
    attacks: selectAttacks(raw),
    openPaths: (raw.open ?? []).map((path) => parsePath(path, '--open')),
    optionalPath: raw.optional === undefined ? undefined : parsePath(raw.optional, '--optional'),
    websocketPath: raw.websocket === undefined ? undefined : parsePath(raw.websocket, '--websocket'),
    logoutUrl,
    ratePerSecond: parseRate(raw.rate),
    assertMine,
  };
}

/** @throws {CommandError} `argument_invalid`. */
export function parseUrl(text: string, what: string): URL {
  const url = /^https?:\/\//iu.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw misuse(`${what} takes an address such as http://127.0.0.1:8080/orders`);
  if (url.username !== '' || url.password !== '')
    throw misuse(`${what}: an address with user name or password is not taken`);
  if (url.hash !== '') throw misuse(`${what}: an address with a fragment ("#") is not taken`);
  return url;
}

function parsePath(text: string, option: string): string {
  if (/^\/[\x21\x22\x24-\x7e]*$/u.test(text)) return text;
  throw misuse(`${option} takes a path of the target, such as /healthz`);
}

function parseRate(text: string): number {
  const rate = /^\d{1,4}$/u.test(text) ? Number(text) : 0;
  if (rate >= 1 && rate <= HIGHEST_RATE) return rate;
  throw misuse(`--rate takes requests a second, 1 to ${HIGHEST_RATE}`);
}

function selectAttacks({ only, skip }: RawAttackOptions): readonly Attack[] {
  const wanted = only === undefined ? undefined : parseIds(only, '--only');
  const unwanted = skip === undefined ? new Set<string>() : parseIds(skip, '--skip');
  const selected = ATTACKS.filter(({ id }) => (wanted?.has(id) ?? true) && !unwanted.has(id));
  if (selected.length === 0) throw misuse('--only and --skip leave nothing to try');
  return selected;
}

function parseIds(text: string, option: string): ReadonlySet<string> {
  const known = ATTACKS.map(({ id }) => id);
  const ids = text.split(',').map((id) => id.trim().toUpperCase());
  for (const id of ids) {
    if (known.includes(id)) continue;
    throw misuse(`${option}: there is no attack ${JSON.stringify(id)}; the ids are ${known.join(', ')}`);
  }
  return new Set(ids);
}
