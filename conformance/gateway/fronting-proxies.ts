/** Proxies of other makers, each set up exactly as docs/forward-auth.md shows; only addresses and places of files are put in. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import { findProgram } from '../../scripts/provision.ts';
import { freePort } from './free-port.ts';

export interface FrontingProxy {
  readonly name: string;
  /** `forwardAuth.from` that goes with it. */
  readonly from: 'original' | 'forwarded';
  /** Files by the name the documentation gives them, and which is to be written under which name. */
  readonly files: Readonly<Record<string, string>>;
  readonly program: string;
  readonly debianPackage: string;
  /** What Debian's own main file around the one shown does, and where the files are. */
  readonly main: ((folder: string, port: number) => string) | undefined;
  readonly args: (folder: string) => string[];
}

export const FRONTING_PROXIES: readonly FrontingProxy[] = [
  {
    name: 'nginx',
    from: 'original',
    files: { '/etc/nginx/conf.d/sealgate.conf': 'site.conf' },
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
    files: { '/etc/haproxy/haproxy.cfg': 'haproxy.cfg', '/etc/haproxy/sealgate.lua': 'sealgate.lua' },
    program: 'haproxy',
    debianPackage: 'haproxy',
    main: undefined,
    args: (folder) => ['-db', '-f', `${folder}/haproxy.cfg`],
  },
  {
    name: 'Caddy',
    from: 'forwarded',
    files: { '/etc/caddy/Caddyfile': 'Caddyfile' },
    program: 'caddy',
    debianPackage: 'caddy',
    main: undefined,
    args: (folder) => ['run', '--adapter', 'caddyfile', '--config', `${folder}/Caddyfile`],
  },
  {
    name: 'Apache',
    from: 'forwarded',
    files: { '/etc/apache2/sites-available/sealgate.conf': 'site.conf', '/etc/apache2/sealgate.lua': 'sealgate.lua' },
    program: 'apache2',
    debianPackage: 'apache2-bin',
    main: (folder, port) =>
      `${['mpm_event', 'authz_core', 'lua', 'proxy', 'proxy_http'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
       ServerName localhost
       ServerRoot ${folder}
       PidFile ${folder}/pid
       ErrorLog ${folder}/error.log
       DefaultRuntimeDir ${folder}
       Listen 127.0.0.1:${port}
       Include ${folder}/site.conf`,
    args: (folder) => ['-D', 'FOREGROUND', '-f', `${folder}/main.conf`],
  },
];

export interface StartedProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** @param authUrl - Where it asks. @param originUrl - What it guards. */
export async function startProxy(proxy: FrontingProxy, authUrl: string, originUrl: string): Promise<StartedProxy> {
  const program = findProgram(proxy.program);
  if (program === undefined) {
    throw new Error(`${proxy.program} is not installed: apt-get install ${proxy.debianPackage}`);
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-proxy-'));
  const port = await freePort();
  for (const [shown, name] of Object.entries(proxy.files)) {
    let text = documented(shown)
      .replaceAll('127.0.0.1:8000', `127.0.0.1:${port}`)
      .replaceAll('127.0.0.1:8082', new URL(authUrl).host)
      .replaceAll('127.0.0.1:9000', new URL(originUrl).host);
    for (const [other, place] of Object.entries(proxy.files)) text = text.replaceAll(other, path.join(folder, place));
    writeFileSync(path.join(folder, name), text);
  }
  if (proxy.main !== undefined) writeFileSync(path.join(folder, 'main.conf'), `${proxy.main(folder, port)}\n`);
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(program, proxy.args(folder), { stdio: ['ignore', 'ignore', 'pipe'], env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = once(child, 'exit');
  try {
    await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), { timeout: 10_000 });
  } catch (cause) {
    child.kill('SIGKILL');
    throw new Error(`${proxy.name} does not answer: ${said}`, { cause });
  }
  return {
    port,
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const PAGE = readFileSync(new URL('../../docs/forward-auth.md', import.meta.url), 'utf8');

/** The code block of the page whose first line, a comment, names the file. */
function documented(file: string): string {
  for (const [, block = ''] of PAGE.matchAll(/^```[a-z]+\n(.*?)^```$/gmsu)) {
    if (/^(?:#|--) (.+)\n/u.exec(block)?.[1] === file) return block;
  }
  throw new Error(`docs/forward-auth.md shows no ${file}`);
}
