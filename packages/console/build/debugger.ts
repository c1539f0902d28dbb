/** How the debugger is built: a folder `page/` to be served, with a page for each form, and beside it the same page as `debugger.html`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { UserConfig } from 'vite';
import { markFresh } from './freshness.ts';
import { writeSingleFile } from './single-file.ts';

const here = path.resolve(import.meta.dirname, '..');

/** Vite's configuration for a build into `dist`. */
export function debuggerConfig(dist: string): UserConfig {
  const folder = path.join(dist, 'page');
  return {
    root: path.join(here, 'src', 'debugger'),
    base: './',
    // Always what users get, also when a test runner builds it in an environment of its own.
    oxc: { jsx: { runtime: 'automatic', development: false } },
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    resolve: {
      // The browser-safe entry points of the library, from source: no build has to come first.
      alias: [{ find: /^@sealgate\/jwt\/(\w+)$/u, replacement: path.join(here, '..', 'jwt', 'src', 'entry', '$1.ts') }],
    },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 2000,
      reportCompressedSize: false,
    },
    plugins: [
      {
        name: 'forms',
        apply: 'build',
        writeBundle() {
          const page = readFileSync(path.join(folder, 'index.html'), 'utf8');
          writeFileSync(path.join(folder, 'gateway.html'), page.replace('data-form="served"', 'data-form="gateway"'));
          writeSingleFile(folder, path.join(dist, 'debugger.html'));
          markFresh(dist);
        },
      },
    ],
  };
}
