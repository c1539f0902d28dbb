/**
 * The commands that ask a running issuer, for the table of `cases.ts`. Each changes something of its own: they run at the same time. Most come with
 * address and token, which is quicker than to read the configuration.
 */
import type { Case, Place } from './cases.ts';

const words = (text: string) => text.split(' ');
const at =
  (text: string, more: (place: Place) => readonly string[] = () => []) =>
  (place: Place) => [...words(text), ...more(place), '--issuer', place.issuer, '--admin-token', 'admin.jwt'];
const by =
  (more: (place: Place) => readonly string[]) =>
  (place: Place): readonly string[] => [...more(place), '--issuer', place.issuer, '--admin-token', 'admin.jwt'];

export const ADMIN_CASES: readonly Case[] = [
  {
    command: 'user list',
    args: ({ config }) => ['-c', config],
    exit: 0,
    says: /name.*roles.*\n(?:.*\n)*demo@example\.com/u,
    isColored: true,
  },
  { command: 'user list', args: at('--limit none'), exit: 2, says: /--limit/u },
  {
    command: 'user list',
    args: ({ issuer }) => ['--issuer', issuer, '--admin-token', 'access.jwt'],
    exit: 2,
    says: /access token is invalid/u,
  },
  {
    command: 'user list',
    args: ({ config }) => ['-c', config, '--issuer', 'http://127.0.0.1:1'],
    exit: 2,
    says: /no issuer answers there/u,
  },
  {
    command: 'user list',
    args: () => ['--issuer', 'http://id.acme.test', '--admin-token', 'admin.jwt'],
    exit: 2,
    says: /over https alone/u,
  },
  {
    command: 'user show',
    args: at('demo@example.com'),
    exit: 0,
    says: /roles +editor/u,
    isColored: true,
  },
  { command: 'user show', args: at('nobody'), exit: 1, says: /there is no user "nobody"/u },
  { command: 'user show', args: at('demo@example.com --json'), exit: 0, says: /"username": "demo@example\.com"/u },
  {
    command: 'user create',
    args: at('--password password.txt --role editor', ({ spare }) => [spare.name()]),
    exit: 0,
    says: /roles +editor/u,
    isColored: true,
  },
  {
    command: 'user create',
    args: at('demo@example.com --password password.txt'),
    exit: 1,
    says: /exists already/u,
  },
  {
    command: 'user create',
    args: at('someone --password absent.txt'),
    exit: 2,
    says: /never the secret itself/u,
  },
  {
    command: 'user set',
    args: at('--role a --role b --no-tenant', ({ spare }) => [spare.user()]),
    exit: 0,
    says: /roles +a b/u,
    isColored: true,
  },
  { command: 'user set', args: at('demo@example.com'), exit: 2, says: /say what is to change/u },
  {
    command: 'user disable',
    args: by(({ spare }) => [spare.user()]),
    exit: 0,
    says: /is disabled; every session has ended/u,
    isColored: true,
  },
  { command: 'user enable', args: by(({ spare }) => [spare.user()]), exit: 0, says: /is enabled/u, isColored: true },
  {
    command: 'user password',
    args: at('--password password.txt', ({ spare }) => [spare.user()]),
    exit: 0,
    says: /has the new password/u,
    isColored: true,
  },
  {
    command: 'user password',
    args: at('--mail', ({ spare }) => [spare.user()]),
    exit: 0,
    says: /a link to set another was mailed/u,
  },
  { command: 'user delete', args: by(({ spare }) => [spare.user()]), exit: 0, says: /is deleted/u, isColored: true },
  {
    command: 'client list',
    args: by(() => []),
    exit: 0,
    says: /orders-worker +1 +client_credentials/u,
    isColored: true,
  },
  { command: 'client show', args: at('orders-web'), exit: 0, says: /secrets +none/u, isColored: true },
  {
    command: 'client create',
    args: at('--confidential --grant client_credentials --scope a', ({ spare }) => [spare.name()]),
    exit: 0,
    says: /^sgc_[\w-]{43}$/mu,
  },
  {
    command: 'client create',
    args: at('--grant client_credentials', ({ spare }) => [spare.name()]),
    exit: 2,
    says: /needs a client with a secret/u,
  },
  {
    command: 'client set',
    args: at('--scope a --scope b', ({ spare }) => [spare.client()]),
    exit: 0,
    says: /scopes +a b/u,
    isColored: true,
  },
  { command: 'client set', args: at('sealgate-operator --scope a'), exit: 1, says: /issuer’s own/u },
  {
    command: 'client disable',
    args: by(({ spare }) => [spare.client()]),
    exit: 0,
    says: /is disabled/u,
    isColored: true,
  },
  {
    command: 'client enable',
    args: by(({ spare }) => [spare.client()]),
    exit: 0,
    says: /is enabled/u,
    isColored: true,
  },
  {
    command: 'client secret',
    args: by(({ spare }) => [spare.client()]),
    exit: 0,
    says: /^sgc_[\w-]{43}$/mu,
  },
  { command: 'client secret', args: at('orders-web'), exit: 1, says: /public/u },
  {
    command: 'client delete',
    args: by(({ spare }) => [spare.client()]),
    exit: 0,
    says: /is deleted/u,
    isColored: true,
  },
  {
    command: 'session list',
    args: at('demo@example.com'),
    exit: 0,
    says: /ses_[\w-]{22} +orders-web/u,
    isColored: true,
  },
  {
    command: 'session end',
    args: by(({ spare }) => [spare.session()]),
    exit: 0,
    says: /has ended: 2 of 2 verifiers have confirmed/u,
    isColored: true,
  },
  { command: 'session end', args: at('ses_none'), exit: 1, says: /No session/u },
  { command: 'session end', args: by(() => []), exit: 2, says: /name a session/u },
  {
    command: 'revoke',
    args: at('user', ({ spare }) => [spare.user()]),
    exit: 0,
    says: /revoked: 2 of 2 verifiers have confirmed/u,
    isColored: true,
  },
  { command: 'revoke', args: at('token no-such-jti'), exit: 1, says: /No access token/u },
  { command: 'revoke', args: at('everything x'), exit: 2, says: /everything/u },
  { command: 'revoke', args: at('client orders-web --wait 31'), exit: 2, says: /--wait/u },
  { command: 'keys list', args: by(() => []), exit: 0, says: /ES256 +active/u, isColored: true },
  { command: 'keys rotate', args: at('ES256'), exit: 0, says: /ES256 +announced/u, isColored: true },
  { command: 'keys rotate', args: at('RS256'), exit: 2, says: /No access token is signed/u },
  {
    command: 'verifiers',
    args: by(() => []),
    exit: 0,
    says: /sealgate-gateway +sealgate-guard\/\d/u,
    isColored: true,
  },
];
