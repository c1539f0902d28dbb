/**
 * What an X.509 certificate (RFC 5280 section 4.1.2) says of itself: whose it is, who issued it, from when to when it is valid.
 */
import { type DerNode, TAG, children, readOid } from './der.ts';

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
};

/** @param fields - Of the body, from the serial number on. */
export function readCertificateFacts(fields: readonly DerNode[]): CertificateFacts {
  const [, , issuer, validity, subject] = fields;
  const [from, until] = children(validity);
  return { subject: readName(subject), issuer: readName(issuer), notBefore: readTime(from), notAfter: readTime(until) };
}

function readName(node: DerNode | undefined): string {
  return children(node)
    .flatMap((set) => children(set))
    .map((attribute) => {
      const [type, value] = children(attribute);
      const oid = readOid(type);
      return `${NAMES[oid] ?? oid}=${new TextDecoder().decode(value?.content)}`;
    })
    .join(', ');
}

/** UTCTime has two digits for the year: 50 and above are of the last century (RFC 5280 section 4.1.2.5.1). */
function readTime(node: DerNode | undefined): number {
  const text = new TextDecoder().decode(node?.content);
  const full = node?.tag === TAG.utcTime ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}` : text;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/u.exec(full) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
}
