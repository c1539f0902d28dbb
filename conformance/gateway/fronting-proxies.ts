/** Proxies of other makers, each set up exactly as docs/forward-auth.md shows; only addresses and places of files are put in. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { apacheHead, startServer, type DebianServer, type StartedServer } from './debian-server.ts';

export interface FrontingProxy extends Omit<DebianServer, 'files'> {
  readonly name: string;
  /** `forwardAuth.from` that goes with it. */
  readonly from: 'original' | 'forwarded' | 'request' | 'envoy';
  /** Files by the name the documentation gives them, and which is to be written under which name. */
  readonly shown: Readonly<Record<string, string>>;
  /** What Debian's own main file around the one shown does, and where the files are. */
  readonly main: ((folder: string, port: number) => string) | undefined;
}

export const FRONTING_PROXIES: readonly FrontingProxy[] = [
  {
    name: 'nginx',
    from: 'original',
    shown: { '/etc/nginx/conf.d/sealgate.conf': 'site.conf' },
    program: 'nginx',
    debianPackage: 'nginx-light',
    main: (folder) =>
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr error;
       events { worker_connections 64; }
       http { access_log off; include ${folder}/site.conf; }`,
    args: (folder) => ['-e', 'stderr', '-p', folder, '-c', `${folder}/main.conf`],
  },
  {
    name: 'HAProxy',
    from: 'forwarded',
    shown: { '/etc/haproxy/haproxy.cfg': 'haproxy.cfg', '/etc/haproxy/sealgate.lua': 'sealgate.lua' },
    program: 'haproxy',
    debianPackage: 'haproxy',
    main: undefined,
    args: (folder) => ['-db', '-f', `${folder}/haproxy.cfg`],
  },
  {
    name: 'Caddy',
    from: 'forwarded',
    shown: { '/etc/caddy/Caddyfile': 'Caddyfile' },
    program: 'caddy',
    debianPackage: 'caddy',
    main: undefined,
    args: (folder) => ['run', '--adapter', 'caddyfile', '--config', `${folder}/Caddyfile`],
  },
  {
    name: 'Apache',
    from: 'forwarded',
    shown: { '/etc/apache2/sites-available/sealgate.conf': 'site.conf', '/etc/apache2/sealgate.lua': 'sealgate.lua' },
    program: 'apache2',
    debianPackage: 'apache2-bin',
    main: (folder, port) =>
      `${apacheHead(folder, port, ['lua', 'proxy', 'proxy_http'])}
       Include ${folder}/site.conf`,
    args: (folder) => ['-D', 'FOREGROUND', '-f', `${folder}/main.conf`],
  },
];

/** @param authUrl - Where it asks. @param originUrl - What it guards. */
export function startProxy(proxy: FrontingProxy, authUrl: string, originUrl: string): Promise<StartedServer> {
  const files = (folder: string, port: number): Record<string, string> => {
    const written: Record<string, string> = {};
    for (const [shown, name] of Object.entries(proxy.shown)) {
      const ports = { 8000: String(port), 8082: new URL(authUrl).port, 9000: new URL(originUrl).port };
      let text = documented(shown);
      for (const [other, own] of Object.entries(ports)) {
        text = text.replaceAll(new RegExp(`(127\\.0\\.0\\.1(?::|, port_value: ))${other}`, 'gu'), `$1${own}`);
      }
      for (const [other, place] of Object.entries(proxy.shown)) text = text.replaceAll(other, path.join(folder, place));
      written[name] = text;
    }
    return proxy.main === undefined ? written : { ...written, 'main.conf': `${proxy.main(folder, port)}\n` };
  };
  return startServer({ ...proxy, files });
}

const PAGE = readFileSync(new URL('../../docs/forward-auth.md', import.meta.url), 'utf8');

/** The code block of the page whose first line, a comment, names the file. */
function documented(file: string): string {
  for (const [, block = ''] of PAGE.matchAll(/^```[a-z]+\n(.*?)^```$/gmsu)) {
    if (/^(?:#|--) (.+)\n/u.exec(block)?.[1] === file) return block;
  }
  throw new Error(`docs/forward-auth.md shows no ${file}`);
}
