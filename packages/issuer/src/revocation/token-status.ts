/** Whether an access token is revoked, by the database and so right to the latest commit (RFC 7662 section 2.2). */
import type { OwnAccessToken } from '../tokens/own-tokens.ts';
import { query } from '../store/query.ts';
import type { Reader } from '../store/store.ts';
import { statusReference } from './record.ts';

const hit = query(
  (db, p: { token: string; key: string; session: string; subject: string; client: string; issued: number }) =>
    db
      .selectFrom('revocation')
      .select('seq')
      .where((e) =>
        e.or([
          e.and([e('holder', '=', p.token), e('kind', '=', 'token')]),
          e.and([e('holder', '=', p.key), e('kind', '=', 'key')]),
          e.and([e('holder', '=', p.session), e('kind', '=', 'session'), e('before_seconds', '>', p.issued)]),
          e.and([e('holder', '=', p.subject), e('kind', '=', 'subject'), e('before_seconds', '>', p.issued)]),
          e.and([e('holder', '=', p.client), e('kind', '=', 'client'), e('before_seconds', '>', p.issued)]),
        ]),
      )
      .limit(1),
);

export async function isRevoked(reader: Reader, { claims, kid, place }: OwnAccessToken): Promise<boolean> {
  const found = await reader.first(hit, {
    token: statusReference(place.list, place.index),
    key: kid,
    // No session has an empty id.
    session: claims.sid ?? '',
    subject: claims.sub,
    client: claims.client_id,
    issued: claims.iat,
  });
  return found !== undefined;
}
