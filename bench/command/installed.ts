/**
 * The command as a user has it: built packages in a `node_modules` folder, without sources beside them, so that the launcher takes what was
 * built. What they import from others is linked from this checkout.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Builds every package, installs them into a folder, and returns the path of the launcher. @throws {Error} when the build fails. */
export function installBuilt(folder: string): string {
  const build = spawnSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`the build failed:\n${build.stdout}${build.stderr}`);
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@sealgate'), { recursive: true });
  for (const manifest of globSync('packages/*/package.json', { cwd: ROOT })) {
    const source = path.join(ROOT, path.dirname(manifest));
    const { name }: { name: string } = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'));
    for (const part of ['package.json', 'bin', 'dist']) {
      if (!existsSync(path.join(source, part))) continue;
      cpSync(path.join(source, part), path.join(modules, name, part), { recursive: true });
    }
  }
  for (const other of readdirSync(path.join(ROOT, 'node_modules'))) {
    const link = path.join(modules, other);
    if (!existsSync(link)) symlinkSync(path.join(ROOT, 'node_modules', other), link);
  }
  return path.join(modules, 'sealgate/bin/sealgate.js');
}
