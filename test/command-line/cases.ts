/** For every command: how it is run as a process, and what it then says. The test next to this holds that none is missing. */
import { ADMIN_CASES } from './admin-cases.ts';

/** What the cases work on: files of one folder, and a demonstration that runs. */
export interface Place {
  /** Configuration of the demonstration. */
  readonly config: string;
  readonly issuer: string;
  readonly gateway: string;
  /** Users, clients and sessions that nobody else needs; each is given out once. */
  readonly spare: Readonly<Record<'name' | 'user' | 'client' | 'session', () => string>>;
}

export interface Case {
  /** Words after `sealgate`. */
  readonly command: string;
  /** Further words. Files: `files.ts` writes them. */
  readonly args: (place: Place) => readonly string[];
  readonly exit: 0 | 1 | 2;
  readonly says: RegExp;
  /** Whether a terminal gets colour. */
  readonly isColored?: boolean;
}

const AUDIENCE = 'https://api.acme.test';
const words = (text: string) => () => text.split(' ');

/** The first case of each command is its answer, with exit code 0. */
export const CASES: readonly Case[] = [
  { command: 'check', args: ({ config }) => ['-c', config], exit: 0, says: /its 4 tests passed/u },
  { command: 'check', args: words('-c broken.yaml'), exit: 1, says: /broken\.yaml.*rutes/su },
  { command: 'token decode', args: words('access.jwt'), exit: 0, says: /Not verified.*alg +ES256/su, isColored: true },
  { command: 'token decode', args: words('access.jwt --json'), exit: 0, says: /"verified": ?false/u },
  { command: 'token decode', args: words('claims.json'), exit: 1, says: /no token|not a token/u },
  {
    command: 'token verify',
    args: ({ issuer }) => ['access.jwt', '--issuer', issuer, '--audience', AUDIENCE],
    exit: 0,
    says: /valid/u,
    isColored: true,
  },
  {
    command: 'token verify',
    args: ({ issuer }) => ['access.jwt', '--issuer', issuer, '--audience', 'https://other.test'],
    exit: 1,
    says: /audience/u,
    isColored: true,
  },
  {
    command: 'token sign',
    args: words('claims.json --key private.jwk'),
    exit: 0,
    says: /^e[\w-]+\.[\w-]+\.[\w-]+\n$/u,
  },
  { command: 'token sign', args: words('claims.json --key absent.jwk'), exit: 2, says: /absent\.jwk.*no such file/u },
  { command: 'token lint', args: words('access.jwt'), exit: 0, says: /remark|warning|nothing/u, isColored: true },
  { command: 'token lint', args: words('weak.jwt'), exit: 1, says: /exp/u, isColored: true },
  {
    command: 'token diff',
    args: words('access.jwt access.jwt'),
    exit: 0,
    says: /the same: \d+ members/u,
    isColored: true,
  },
  { command: 'token diff', args: words('access.jwt weak.jwt'), exit: 1, says: /alg/u, isColored: true },
  {
    command: 'token encrypt',
    args: words('access.jwt --key recipient-public.jwk'),
    exit: 0,
    says: /^e(?:[\w-]*\.){4}[\w-]+\n$/u,
  },
  {
    command: 'token decrypt',
    args: words('encrypted.jwt --key recipient.jwk'),
    exit: 0,
    says: /sub +alice/u,
    isColored: true,
  },
  {
    command: 'token decrypt',
    args: words('access.jwt --key recipient.jwk'),
    exit: 1,
    says: /not decrypted.*token_malformed/u,
    isColored: true,
  },
  {
    command: 'keys generate',
    args: words('ES256 --out made.jwk --force'),
    exit: 0,
    says: /private key +made\.jwk/u,
    isColored: true,
  },
  { command: 'keys generate', args: words('ES257 --out made.jwk'), exit: 2, says: /did you mean "ES256"/u },
  {
    command: 'keys convert',
    args: words('private.jwk --public --to pem'),
    exit: 0,
    says: /-----BEGIN PUBLIC KEY-----/u,
  },
  { command: 'keys convert', args: words('private.jwk --to pem'), exit: 2, says: /--out/u },
  { command: 'keys inspect', args: words('private.jwk'), exit: 0, says: /ES256/u, isColored: true },
  { command: 'keys jwks', args: words('private.jwk'), exit: 0, says: /"keys":.*"kid": "k1"/su },
  { command: 'keys thumbprint', args: words('private.jwk'), exit: 0, says: /^[\w-]{43}\n$/u },
  { command: 'keys lint', args: words('private.jwk'), exit: 0, says: /This is a private key/u, isColored: true },
  { command: 'crack', args: words('weak.jwt'), exit: 0, says: /found: it is in the built-in list/u, isColored: true },
  {
    command: 'crack',
    args: words('strong.jwt --max-length 1'),
    exit: 1,
    says: /not found|no secret/u,
    isColored: true,
  },
  {
    command: 'explain',
    args: ({ config }) => ['access.jwt', 'GET', '/orders', '-c', config],
    exit: 0,
    says: /let through/u,
    isColored: true,
  },
  {
    command: 'explain',
    args: ({ config }) => ['weak.jwt', 'GET', '/orders', '-c', config],
    exit: 1,
    says: /refused: 401/u,
    isColored: true,
  },
  {
    command: 'routes',
    args: ({ config }) => ['-c', config],
    exit: 0,
    says: /\/orders\/\*\*.*orders:write/su,
    isColored: true,
  },
  { command: 'migrate', args: ({ config }) => ['-c', config], exit: 0, says: /^the database is up to date\n$/u },
  { command: 'passwords build-filter', args: words('hashes.txt made.filter'), exit: 0, says: /made\.filter knows 1 /u },
  { command: 'passwords build-filter', args: words('absent.txt made.filter'), exit: 2, says: /absent\.txt/u },
  { command: 'audit verify', args: ({ config }) => ['-c', config], exit: 0, says: /whole|\d+ events/u },
  { command: 'audit list', args: ({ config }) => ['-c', config, '--event', 'login'], exit: 0, says: /login/u },
  {
    command: 'audit list',
    args: ({ config }) => ['-c', config, '--actor', 'operator', '--since', '2020-01-01', '--until', '2100-01-01'],
    exit: 0,
    says: /by operator/u,
  },
  { command: 'audit list', args: ({ config }) => ['-c', config, '--limit', 'x'], exit: 2, says: /--limit/u },
  { command: 'audit list', args: ({ config }) => ['-c', config, '--actor', 'ann'], exit: 2, says: /--actor/u },
  { command: 'audit list', args: ({ config }) => ['-c', config, '--since', 'long'], exit: 2, says: /--since/u },
  {
    command: 'attack',
    args: ({ gateway }) => [`${gateway}/orders`, '--token', 'access.jwt', '--only', 'T1'],
    exit: 0,
    says: /T1/u,
    isColored: true,
  },
  {
    command: 'attack',
    args: words('https://elsewhere.test --token access.jwt'),
    exit: 2,
    says: /--i-own-this-target/u,
  },
  ...ADMIN_CASES,
  { command: 'completion', args: words('bash'), exit: 0, says: /_sealgate/u },
  { command: 'completion', args: words('tcsh'), exit: 2, says: /tcsh/u },
];

/** Commands that are tested elsewhere, and where. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  serve: 'test/command/start-and-stop.test.ts',
  'keys compromise': 'test/administration/compromise.test.ts',
};

/** A command that takes a secret or a password, asked for it at the terminal. */
export interface Prompted extends Omit<Case, 'isColored'> {
  /** Default: "secret: ". */
  readonly question?: string;
}

export const PROMPTED: readonly Prompted[] = [
  {
    command: 'token sign',
    args: words('claims.json --secret prompt --algorithm HS256'),
    exit: 0,
    says: /e[\w-]+\.[\w-]+\.[\w-]+\n/u,
  },
  {
    command: 'token verify',
    args: words('strong.jwt --signature-only --secret prompt --algorithm HS256'),
    exit: 0,
    says: /signature/u,
  },
  {
    command: 'token encrypt',
    args: words('claims.json --secret prompt --algorithm A256KW --secret-encoding base64url'),
    exit: 0,
    says: /e(?:[\w-]*\.){4}[\w-]+\n/u,
  },
  {
    command: 'token decrypt',
    args: words('shared.jwe --secret prompt --algorithm A256KW --secret-encoding base64url'),
    exit: 0,
    says: /sub +alice/u,
  },
  { command: 'keys inspect', args: words('--secret prompt'), exit: 0, says: /secret/u },
  { command: 'keys lint', args: words('--secret prompt'), exit: 0, says: /HS256|nothing|remark/u },
  {
    command: 'keys convert',
    args: words('--secret prompt --algorithm HS256 --to jwk --out converted.jwk --force'),
    exit: 0,
    says: /wrote converted\.jwk/u,
  },
  {
    command: 'user create',
    args: ({ config, spare }) => [spare.name(), '-c', config],
    question: 'password: ',
    exit: 0,
    says: /state +enabled/u,
  },
  {
    command: 'user password',
    args: ({ config, spare }) => [spare.user(), '-c', config],
    question: 'password: ',
    exit: 0,
    says: /has the new password/u,
  },
];
