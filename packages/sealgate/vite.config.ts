/**
 * Folds the command into a few files of the older module format, after the compiler: Node takes about a millisecond to find and link a
 * module, `token decode` has seventy, and an `import` of one of Node's own modules touches every lazy part of it. The servers' packages stay
 * as they are, and so does the library (`dist/index.js`).
 */
import path from 'node:path';
import { defineConfig } from 'vite';

const here = (file: string): string => path.join(import.meta.dirname, file);

/** What every command needs, and `token decode`: one file. The rest is read when it is called. */
const LIGHT =
  /commander|@noble|packages\/(?:console|jwt)\/|packages\/sealgate\/src\/(?:[a-z-]+\.ts|terminal\/|command-line\/|token\/(?:decode|describe|find|har|moment|render|time|token-input)|.*\/define-)/u;

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['source', 'node'] },
  ssr: { noExternal: ['@sealgate/console', 'commander', /^@noble\/hashes/u] },
  build: {
    ssr: true,
    outDir: here('dist'),
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      external: [/^@sealgate\/(?:gateway|guard|issuer|jwt|service)$/u, '@sealgate/console', 'zod'],
      input: { main: here('src/main.ts'), 'search-worker': here('src/crack/search-worker.ts') },
      output: {
        format: 'cjs',
        entryFileNames: '[name].cjs',
        chunkFileNames: '[name].cjs',
        codeSplitting: { groups: [{ name: 'light', test: LIGHT }] },
      },
    },
  },
});
