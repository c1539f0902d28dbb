/** The revocation log, as administrators read it, and what else than users, clients and sessions they revoke: a token, a refresh family. */
import { IssuerError } from '../errors.ts';
import type { Confirmation } from '../revocation/confirmations.ts';
import { readLogHead } from '../revocation/log.ts';
import { recordOf, statusReference, type RevocationRecord } from '../revocation/record.ts';
import { revokeFamily, revokeToken } from '../revocation/revoke.ts';
import { toSeconds } from '../runtime.ts';
import { query } from '../store/query.ts';
import type { Reader } from '../store/store.ts';
import { placeInTokenId } from '../tokens/token-id.ts';
import { pageOf, type AdminContext, type Page, type WaitOption } from './context.ts';

export interface RevocationFilter {
  /** Records of this holder only. */
  readonly id?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A token by its id, or by its text. */
export type TokenName = { readonly jti: string } | { readonly token: string };

export interface RevocationAdmin {
  /** Records that still hit something, the newest first. */
  listRevocations(filter: RevocationFilter): Promise<Page<RevocationRecord>>;
  /** One access token. @throws {IssuerError} `token_unknown`. */
  revokeToken(name: TokenName, options?: WaitOption): Promise<Confirmation>;
  /** A refresh family and its access tokens; also one that is not there any more. */
  revokeFamily(id: string, options?: WaitOption): Promise<Confirmation>;
}

/** Announcements of keys stand in the log too, and revoke nothing: `keys/key-rotation.ts`. */
const ANNOUNCEMENT = 'announced:%';

const newest = query((db, p: { before: number; limit: number }) =>
  db
    .selectFrom('revocation')
    .selectAll()
    .where('seq', '<', p.before)
    .where('holder', 'not like', ANNOUNCEMENT)
    .orderBy('seq', 'desc')
    .limit(p.limit),
);

const newestOfHolder = query((db, p: { holder: string; before: number; limit: number }) =>
  db
    .selectFrom('revocation')
    .selectAll()
    .where('holder', '=', p.holder)
    .where('seq', '<', p.before)
    .orderBy('seq', 'desc')
    .limit(p.limit),
);

/** By the key of the table: also with millions of tokens one row is read. */
export const tokenAtPlace = query((db, p: { list: number; index: number; jti: string; now: number }) =>
  db
    .selectFrom('access_token')
    .selectAll()
    .where('list', '=', p.list)
    .where('idx', '=', p.index)
    .where('jti', '=', p.jti)
    .where('expires_seconds', '>', p.now),
);

interface FoundToken {
  readonly jti: string;
  readonly list: number;
  readonly index: number;
  readonly subject: string;
  readonly client: string;
  readonly session: string | undefined;
  readonly expires: number;
}

export function revocationAdmin(context: AdminContext): RevocationAdmin {
  const { store, runtime, ownTokens } = context.parts;

  const read = (text: string): FoundToken | undefined => {
    const token = ownTokens.read(text);
    if (token === undefined || toSeconds(runtime.nowMs()) >= token.claims.exp) return undefined;
    const { jti, sub: subject, client_id: client, sid: session, exp: expires } = token.claims;
    return { jti, ...token.place, subject, client, session, expires };
  };

  return {
    listRevocations: async ({ id, after, limit }) => {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      const rows =
        id === undefined
          ? await store.all(newest, { before, limit: limit + 1 })
          : await store.all(newestOfHolder, { holder: id, before, limit: limit + 1 });
      return pageOf(rows, limit, ({ seq }) => String(seq), recordOf);
    },
    revokeToken: async (name, options) => {
      const found = 'jti' in name ? await findToken(store, name.jti, toSeconds(runtime.nowMs())) : read(name.token);
      if (found === undefined) throw new IssuerError('token_unknown');
      const { list, index, subject, client, session, expires, jti } = found;
      return context.revoke(async (tx) => {
        const reference = { holder: statusReference(list, index), before: Number.MAX_SAFE_INTEGER, limit: 1 };
        if ((await tx.first(newestOfHolder, reference)) !== undefined) return (await readLogHead(tx)).seq;
        await context.tell(tx, { event: 'token_revoked', subject, client, session, target: `jti:${jti}` });
        return revokeToken(tx, list, index, expires);
      }, options);
    },
    revokeFamily: (id, options) =>
      context.revoke(async (tx, revoking) => {
        await context.tell(tx, { event: 'token_revoked', target: `family:${id}` });
        return revokeFamily(tx, id, revoking);
      }, options),
  };
}

async function findToken(reader: Reader, jti: string, now: number): Promise<FoundToken | undefined> {
  const place = placeInTokenId(jti);
  const row = place && (await reader.first(tokenAtPlace, { ...place, jti, now }));
  if (place === undefined || row === undefined) return undefined;
  const { subject, client, session, expires_seconds: expires } = row;
  return { jti, ...place, subject, client, session: session ?? undefined, expires };
}
