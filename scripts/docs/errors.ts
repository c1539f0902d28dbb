/** `docs/errors.md`: each package's table of error codes, one section a table. The tables are the packages' own. */
import { GATEWAY_ANSWERS, GATEWAY_ERRORS } from '@sealgate/gateway';
import { GUARD_ERROR_CODES, VERDICT_CODES } from '@sealgate/guard';
import { FIRST_PARTY_CODES, ISSUER_ERROR_CODES, SIGNER_ERROR_CODES } from '@sealgate/issuer';
import { ERROR_CODES } from '@sealgate/jwt';
import { CONFIG_ERROR_CODES } from '@sealgate/service';

type Row = readonly string[];

function table(title: string, intro: string, head: Row, rows: readonly Row[]): string {
  const cells = (row: Row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [`## ${title}`, '', intro, '', cells(head), `|${'---|'.repeat(head.length)}`, ...rows.map(cells), ''].join(
    '\n',
  );
}

const code = (name: string) => `\`${name}\``;

function meanings(entries: Readonly<Record<string, string>>): Row[] {
  return Object.entries(entries).map(([name, meaning]) => [code(name), meaning]);
}

type Explained = Readonly<Record<string, { message: string; remedy: string; source: string }>>;

function explained(entries: Explained): Row[] {
  return Object.entries(entries).map(([name, { message, remedy, source }]) => [code(name), message, remedy, source]);
}

/** The whole document. */
export function renderErrorDocs(): string {
  const codeMeaning: Row = ['code', 'meaning'];
  const full: Row = ['code', 'what was wrong', 'what to do', 'source'];
  return [
    '# Errors',
    '',
    'Every code, from the table in each package (`npm run docs`). Branch on `code`, never on a message. No message holds a token, a key,',
    'a password or an unverified claim.',
    '',
    table(
      'What a client of an API is told',
      'By the gateway and the middleware, as RFC 6750 challenge and RFC 9457 problem.',
      ['code', 'status', 'challenge', 'detail'],
      Object.entries(VERDICT_CODES).map(([name, { status, challengeError, detail }]) => [
        code(name),
        String(status),
        challengeError === undefined ? '' : code(challengeError),
        detail,
      ]),
    ),
    table(
      'What the gateway answers by itself',
      'As RFC 9457 problem.',
      ['code', 'status', 'detail'],
      Object.entries(GATEWAY_ANSWERS).map(([name, [status, detail]]) => [code(name), String(status), detail]),
    ),
    table(
      'What the issuer answers at its first-party endpoints',
      'Login, sessions, account, administration: as RFC 9457 problem. The endpoints of OAuth answer with the codes of RFC 6749 section 5.2.',
      ['code', 'status', 'title'],
      Object.entries(FIRST_PARTY_CODES).map(([name, { status, title }]) => [code(name), String(status), title]),
    ),
    table(
      '`@sealgate/jwt`: JwtError',
      'Thrown by everything that reads, makes or checks a token or key.',
      full,
      explained(ERROR_CODES),
    ),
    table(
      '`@sealgate/guard`: GuardError',
      'What can go wrong beside a refused request.',
      full,
      explained(GUARD_ERROR_CODES),
    ),
    table(
      '`@sealgate/service`: ConfigError',
      'A configuration that was refused.',
      codeMeaning,
      meanings(CONFIG_ERROR_CODES),
    ),
    table(
      '`@sealgate/issuer`: IssuerError',
      'Failures of the issuer; what its clients are told is less.',
      codeMeaning,
      meanings(ISSUER_ERROR_CODES),
    ),
    table(
      '`@sealgate/issuer`: SignerError',
      'What can go wrong with a key outside the process.',
      codeMeaning,
      meanings(SIGNER_ERROR_CODES),
    ),
    table(
      '`@sealgate/gateway`: GatewayError',
      'What keeps a gateway from starting.',
      codeMeaning,
      meanings(GATEWAY_ERRORS),
    ),
  ].join('\n');
}
