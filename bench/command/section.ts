/** How soon the command answers: `sealgate token decode` from its start to its end, beside Node alone and beside jwt-cli. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { generateKey, signJwt } from '@sealgate/jwt';
import { installPacked } from '../../scripts/install-packed.ts';
import { cacheFolder } from '../../scripts/installs.ts';
import { MEASURED_CORE } from '../load/process.ts';
import type { Contender, Round, Section } from '../section.ts';

const JWT_CLI_VERSION = '6.2.0';
const NODE = 'node -e 0';
const SEALGATE = 'sealgate token decode';

interface Program {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

export const command: Section = {
  name: 'command',
  title: 'The command: from its start to its answer',
  needs: [{ program: 'cargo', debianPackage: undefined, hint: 'install Rust 1.88 or later, with cargo' }],
  run(context) {
    context.progress('building the packages');
    const launcher = installPacked(context.scratch);
    context.progress('installing jwt-cli');
    const jwtCli = installJwtCli();
    const token = someToken();
    const programs: readonly Program[] = [
      { name: SEALGATE, command: [process.execPath, launcher, 'token', 'decode', token] },
      { name: NODE, command: [process.execPath, '-e', '0'] },
      { name: `jwt-cli ${JWT_CLI_VERSION}`, command: [jwtCli, 'decode', token] },
    ];
    context.progress('measuring');
    return Promise.resolve([
      {
        title: 'Decode one token',
        unit: 'ms from start to end',
        contenders: measure(programs, context.quick ? 3 : 41),
        peer: NODE,
        targets: [{ contender: SEALGATE, bound: 'at most' as const, limit: 80 }],
        notes: [
          'Wall-clock time of a process on an otherwise idle core. Sealgate as it is published: built, and with the compiled code that Node kept from the first start.',
        ],
      },
    ]);
  },
};

/** In turns; the first start of each, which fills caches, does not count. */
function measure(programs: readonly Program[], rounds: number): readonly Contender[] {
  for (const program of programs) start(program);
  const taken = programs.map((): Round[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, program] of programs.entries()) taken[index]?.push({ value: start(program) });
  }
  return programs.map(({ name }, index) => ({ name, rounds: taken[index] ?? [] }));
}

/** Milliseconds that a start takes. @throws {Error} when the program fails: it would be measured for nothing. */
function start({ name, command: words }: Program): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync('taskset', ['-c', String(MEASURED_CORE), ...words], { encoding: 'utf8' });
  const taken = performance.now() - begun;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return taken;
}

/** Builds jwt-cli once, from the crate, and returns the path of its program. */
function installJwtCli(): string {
  const folder = path.join(cacheFolder('bench'), `jwt-cli-${JWT_CLI_VERSION}`);
  const program = path.join(folder, 'bin', 'jwt');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--quiet', '--locked', '--root', folder, `jwt-cli@${JWT_CLI_VERSION}`];
  execFileSync('cargo', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return program;
}

function someToken(): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: 'https://issuer.test', sub: 'alice', aud: 'https://api.acme.test', iat, exp: iat + 600 };
  return signJwt({ ...claims, scope: 'orders:read' }, { key: generateKey('ES256', { kid: 'k1' }), typ: 'at+jwt' });
}
