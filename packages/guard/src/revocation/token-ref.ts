/**
 * By what a token can be revoked, read once from its verified claims.
 *
 * Nothing here is a decision: `view.ts` answers whether a reference is hit. A claim of the wrong type is not an absent claim
 * (RFC 8725 section 3.1 in spirit): the token cannot be judged, and is refused.
 */
import { isJsonObject } from '../json.ts';
import { isStatusListId, MAX_STATUS_INDEX, type StatusPosition } from './record.ts';

/** The handles of one token. All from verified claims and the protected header. */
export interface TokenRef {
  /** `iat`, seconds; NaN when the token has none, which every holder record hits. */
  readonly issuedAtSeconds: number;
  /** Last segment of the URL of the status list that holds the token; undefined when none does. */
  readonly statusList: string | undefined;
  /** Index in that list. */
  readonly statusIndex: number;
  readonly sessionId: string | undefined;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly kid: string | undefined;
}

/**
 * @param claims - Verified claims.
 * @param kid - Key id of the verified header.
 * @param statusListPrefix - What the issuer's status list URLs start with, such as `https://issuer.test/v1/status-lists/`.
 * @returns The reference, or the name of the claim that is malformed.
 */
export function readTokenRef(
  claims: Readonly<Record<string, unknown>>,
  kid: string | undefined,
  statusListPrefix: string,
): TokenRef | { readonly malformed: string } {
  const sessionId = claims['sid'];
  if (!isOptionalString(sessionId)) return { malformed: 'sid' };
  const subject = claims['sub'];
  if (!isOptionalString(subject)) return { malformed: 'sub' };
  const clientId = claims['client_id'];
  if (!isOptionalString(clientId)) return { malformed: 'client_id' };
  const status = readStatus(claims['status'], statusListPrefix);
  if (status === null) return { malformed: 'status' };
  const iat = claims['iat'];
  return {
    issuedAtSeconds: typeof iat === 'number' ? iat : Number.NaN,
    statusList: status?.list,
    statusIndex: status?.idx ?? 0,
    sessionId,
    subject,
    clientId,
    kid,
  };
}

/** `undefined`: the token has no place in a status list. `null`: the claim is there and unusable. */
function readStatus(status: unknown, prefix: string): StatusPosition | undefined | null {
  if (status === undefined) return undefined;
  if (!isJsonObject(status)) return null;
  const entry = status['status_list'];
  if (entry === undefined) return undefined;
  if (!isJsonObject(entry)) return null;
  const { idx, uri } = entry;
  if (typeof idx !== 'number' || !Number.isInteger(idx) || idx < 0 || idx > MAX_STATUS_INDEX) return null;
  if (typeof uri !== 'string' || !uri.startsWith(prefix)) return null;
  const list = shareListId(uri.slice(prefix.length));
  return isStatusListId(list) ? { list, idx } : null;
}

function isOptionalString(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** Few lists are in use at a time: one string for each, instead of one a token, is quicker to look up. */
const listIds = new Map<string, string>();
const MAX_LIST_IDS = 1000;

function shareListId(list: string): string {
  const known = listIds.get(list);
  if (known !== undefined) return known;
  if (listIds.size >= MAX_LIST_IDS) listIds.clear();
  listIds.set(list, list);
  return list;
}
