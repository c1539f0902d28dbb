/** Builds the debugger: `dist/debugger/` to be served, and the same page as `dist/debugger.html`. */
import path from 'node:path';
import { defineConfig } from 'vite';
import { writeSingleFile } from './build/single-file.ts';

const here = import.meta.dirname;
const folder = path.join(here, 'dist', 'debugger');

export default defineConfig({
  root: path.join(here, 'src', 'debugger'),
  base: './',
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
      name: 'single-file',
      apply: 'build',
      writeBundle() {
        writeSingleFile(folder, path.join(here, 'dist', 'debugger.html'));
      },
    },
  ],
});
