/**
 * Programs that are not npm packages: finds each one, or installs the Debian package that has it. Used by `npm test`,
 * `npm run bench` and `npm run interop`, so that a new machine needs no list of things to install by hand.
 *
 * It installs only as root and only with `apt-get`; elsewhere it fails and names what is missing. A package may not start its
 * service while it is being installed: whoever needs a server starts its own, on a port of its own, and stops it.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** One program, found as a command in `PATH` or as a file, and where it comes from. */
export interface Requirement {
  /** A command's name, looked up in `PATH` and in the `sbin` folders; or an absolute path, `*` allowed. */
  readonly program: string;
  /** The Debian package to install, or `undefined` where Debian's is too old: then `hint` says what to do. */
  readonly debianPackage: string | undefined;
  /** One sentence for a person whose machine lacks it. */
  readonly hint?: string;
}

/** What each purpose needs. A test that starts a server adds its line here. */
export const REQUIREMENTS = {
  test: [
    { program: '/usr/lib/postgresql/*/bin/initdb', debianPackage: 'postgresql' },
    { program: 'softhsm2-util', debianPackage: 'softhsm2' },
    { program: 'openssl', debianPackage: 'openssl' },
    { program: 'chromium', debianPackage: 'chromium' },
    { program: 'nginx', debianPackage: 'nginx-light' },
    { program: 'haproxy', debianPackage: 'haproxy' },
    { program: 'caddy', debianPackage: 'caddy' },
    { program: 'apache2', debianPackage: 'apache2-bin' },
    { program: '/usr/share/lua/5.3/socket.lua', debianPackage: 'lua-socket' },
    { program: 'redis-server', debianPackage: 'redis-server' },
    { program: 'script', debianPackage: 'bsdutils' },
  ],
  bench: [
    { program: 'haproxy', debianPackage: 'haproxy' },
    { program: 'nginx', debianPackage: 'nginx-light' },
    { program: 'wrk', debianPackage: 'wrk' },
    { program: 'cc', debianPackage: 'gcc' },
    { program: '/usr/include/stdio.h', debianPackage: 'libc6-dev' },
    { program: 'taskset', debianPackage: 'util-linux' },
  ],
  interop: [
    { program: 'python3', debianPackage: 'python3-venv' },
    { program: 'javac', debianPackage: 'openjdk-17-jdk-headless' },
    { program: 'mvn', debianPackage: 'maven' },
    { program: 'go', debianPackage: undefined, hint: 'install Go 1.25 or later' },
    { program: 'cargo', debianPackage: undefined, hint: 'install Rust 1.88 or later, with cargo' },
    { program: 'ruby', debianPackage: 'ruby' },
    { program: '/usr/share/rubygems-integration/all/specifications/jwt-*.gemspec', debianPackage: 'ruby-jwt' },
    { program: 'jose', debianPackage: 'jose' },
  ],
} as const satisfies Readonly<Record<string, readonly Requirement[]>>;

/** What this module needs of the machine; tests hand in another. */
export interface Machine {
  /** Whether a command is in `PATH` or an absolute path exists. */
  has(program: string): boolean;
  /** Whether packages may be installed here. */
  mayInstall(): boolean;
  /** Installs packages without starting their services. Returns what went wrong, or `undefined`. */
  install(packages: readonly string[]): string | undefined;
}

/** What a machine lacks when all was tried. */
export interface Lacks {
  /** How to get it, by program. */
  readonly remedies: ReadonlyMap<string, string>;
  /** What went wrong while packages were installed. */
  readonly failure: string | undefined;
}

/** Installs what is missing, where that is allowed. For those who can do something without it; others call {@link ensure}. */
export function provide(requirements: readonly Requirement[], machine: Machine = debian): Lacks {
  const missing = requirements.filter(({ program }) => !machine.has(program));
  const packages = [...new Set(missing.flatMap(({ debianPackage }) => debianPackage ?? []))].sort();
  const failure = packages.length > 0 && machine.mayInstall() ? machine.install(packages) : undefined;
  const still = missing.filter(({ program }) => !machine.has(program));
  return { remedies: new Map(still.map((one) => [one.program, remedyOf(one)])), failure };
}

const remedyOf = ({ debianPackage, hint }: Requirement): string =>
  debianPackage === undefined ? (hint ?? 'install it') : `apt-get install ${debianPackage}`;

/**
 * Makes sure that every program is there.
 *
 * @throws {Error} naming each program that is missing and how to get it.
 */
export function ensure(requirements: readonly Requirement[], machine: Machine = debian): void {
  const { remedies, failure = '' } = provide(requirements, machine);
  if (remedies.size === 0) return;
  const lines = Array.from(remedies, ([program, remedy]) => `  ${program}: ${remedy}`);
  throw new Error(`missing on this machine:\n${lines.join('\n')}\n${failure}`.trimEnd());
}

const SEARCHED = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The absolute path of a command, or of the first file that an absolute pattern names; or `undefined`. */
export function findProgram(program: string): string | undefined {
  if (path.isAbsolute(program)) return globSync(program)[0];
  for (const folder of SEARCHED) {
    const candidate = path.join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Debian's way to say "do not start services now": `invoke-rc.d` asks this program and obeys exit code 101. */
const POLICY = '/usr/sbin/policy-rc.d';

function withoutServices<T>(work: () => T): T {
  if (existsSync(POLICY)) return work();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return work();
  } finally {
    rmSync(POLICY, { force: true });
  }
}

function aptGet(...args: string[]): string | undefined {
  const result = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status === 0) return undefined;
  return `apt-get ${args[0]} failed: ${(result.stderr || String(result.error)).trim().slice(-2000)}`;
}

const debian: Machine = {
  has: (program) => findProgram(program) !== undefined,
  mayInstall: () => process.getuid?.() === 0 && findProgram('apt-get') !== undefined,
  install(packages) {
    console.log(`installing ${packages.join(' ')}`);
    return (
      aptGet('update') ?? withoutServices(() => aptGet('install', '--yes', '--no-install-recommends', ...packages))
    );
  },
};
