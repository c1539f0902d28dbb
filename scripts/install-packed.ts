/**
 * The packages as a user has them: built, packed by npm, and unpacked into a `node_modules` folder, with no sources beside them. For `npm run bench`
 * and the tests of what is published.
 *
 * All of it happens in a copy, so that who uses this checkout meanwhile finds it as it is. What the packages import from others is linked from
 * the checkout: what a package declares, and nothing else.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const MODULES = path.join(ROOT, 'node_modules');
/** What `npm run build` reads. */
const BUILT_FROM = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts', 'packages'];
const LEFT_BEHIND: ReadonlySet<string> = new Set(['dist', 'node_modules', 'test']);

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * @param folder - Empty; gets `node_modules`, and what was needed on the way.
 * @returns the path of the command's launcher.
 * @throws {Error} with what was printed, where a step fails.
 */
export function installPacked(folder: string): string {
  const copy = path.join(folder, 'copy');
  copyWorkspace(copy);
  run(copy, 'npm', 'run', 'build', '--silent');
  const packages = globSync('packages/*/', { cwd: copy }).map((one) => `./${one}`);
  const packed = path.join(folder, 'packed');
  mkdirSync(packed);
  run(copy, 'npm', 'pack', '--silent', '--pack-destination', packed, ...packages);
  const modules = path.join(folder, 'node_modules');
  for (const one of packages) {
    const { name, dependencies = {} } = readManifest(path.join(copy, one));
    const installed = path.join(modules, name);
    mkdirSync(installed, { recursive: true });
    const [tarball = ''] = globSync(`${name.replace('@', '').replace('/', '-')}-[0-9]*.tgz`, { cwd: packed });
    run(installed, 'tar', '-xzf', path.join(packed, tarball), '--strip-components=1');
    for (const dependency of Object.keys(dependencies)) {
      if (!isOurs(dependency)) link(modules, dependency, path.join(MODULES, dependency));
    }
  }
  return path.join(modules, 'sealgate/bin/sealgate.js');
}

/** What is built from, and the modules that building takes: others' from the checkout, ours from the copy. */
function copyWorkspace(copy: string): void {
  for (const part of BUILT_FROM) {
    const filter = (source: string) => !LEFT_BEHIND.has(path.basename(source));
    cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true, filter });
  }
  const modules = path.join(copy, 'node_modules');
  for (const one of globSync('packages/*/', { cwd: copy })) {
    const target = path.join(copy, one);
    link(modules, readManifest(target).name, target);
  }
  for (const name of readdirSync(MODULES)) {
    if (name === '.bin' || !name.startsWith('.')) link(modules, name, path.join(MODULES, name));
  }
}

/** Unless there is one of that name. */
function link(modules: string, name: string, target: string): void {
  const to = path.join(modules, name);
  if (existsSync(to)) return;
  mkdirSync(path.dirname(to), { recursive: true });
  symlinkSync(target, to);
}

const isOurs = (name: string): boolean => name.startsWith('@sealgate/');

const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

function run(cwd: string, program: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} failed:\n${stdout}${stderr}`);
}
