/**
 * A record of the issuer's revocation log, as it travels on the feed, and its strict parser.
 *
 * The wire is this project's own (docs/feed.md). A record that is not exactly one is refused, and with it the connection:
 * a verifier that skipped what it could not read would let a revoked token pass.
 */
import { GuardError } from '../errors.ts';
import { isJsonObject } from '../json.ts';

/** What a record revokes. All but `token` and `key` mean: every token of that holder issued before `before`. */
export type RevocationKind = 'token' | 'session' | 'family' | 'subject' | 'client' | 'key';

/** One line of the log. Times are seconds since the Unix epoch. */
export interface RevocationRecord {
  /** Position in the log; strictly one more than the record before it. */
  readonly seq: number;
  readonly kind: RevocationKind;
  /** `token`: `<list>:<idx>`; otherwise the `sid`, family, `sub`, `client_id` or `kid`. */
  readonly id: string;
  /** Tokens with `iat` below this are revoked. Means nothing for `token` and `key`. */
  readonly before: number;
  /** After this nothing that the record could hit is alive. */
  readonly expires: number;
}

/** Where a token stands in the issuer's status lists (claim `status.status_list`). */
export interface StatusPosition {
  readonly list: string;
  readonly idx: number;
}

/** The largest index this view accepts: 2^31 - 1 keeps page arithmetic in small integers. */
export const MAX_STATUS_INDEX = 0x7fff_ffff;

const MAX_ID_LENGTH = 512;
const STATUS_LIST_ID = /^[A-Za-z0-9._~-]{1,128}$/;

/**
 * @param value - One parsed JSON value from the feed.
 * @throws {GuardError} `feed_malformed`, naming the member; never its value.
 */
export function parseRecord(value: unknown): RevocationRecord {
  if (!isJsonObject(value)) malformed('a record is not an object');
  const { seq, kind, id, before, expires } = value;
  if (!isWhole(seq)) malformed('`seq` of a record is not a whole number');
  if (!isKind(kind)) malformed('`kind` of a record is unknown');
  if (typeof id !== 'string' || id.length === 0 || id.length > MAX_ID_LENGTH)
    malformed('`id` of a record is not usable');
  if (!isWhole(before)) malformed('`before` of a record is not a whole number of seconds');
  if (!isWhole(expires)) malformed('`expires` of a record is not a whole number of seconds');
  if (kind === 'token') parseStatusPosition(id);
  return { seq, kind, id, before, expires };
}

/**
 * Takes `<list>:<idx>` apart.
 *
 * @throws {GuardError} `feed_malformed`.
 */
export function parseStatusPosition(id: string): StatusPosition {
  const colon = id.lastIndexOf(':');
  const list = id.slice(0, Math.max(colon, 0));
  const digits = id.slice(colon + 1);
  if (!isStatusListId(list) || !/^(?:0|[1-9][0-9]{0,9})$/.test(digits))
    malformed('a token record is not `<list>:<idx>`');
  const idx = Number(digits);
  if (idx > MAX_STATUS_INDEX) malformed('the index of a token record is too large');
  return { list, idx };
}

/** Whether `list` can be the last segment of a status list's URL. */
export function isStatusListId(list: string): boolean {
  return STATUS_LIST_ID.test(list);
}

function isKind(value: unknown): value is RevocationKind {
  switch (value) {
    case 'token':
    case 'session':
    case 'family':
    case 'subject':
    case 'client':
    case 'key':
      return true;
    default:
      return false;
  }
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function malformed(detail: string): never {
  throw new GuardError('feed_malformed', { detail });
}
