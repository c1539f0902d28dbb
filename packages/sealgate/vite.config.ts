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
  /commander|@noble|packages\/console\/|packages\/jwt\/src\/(?:[a-z-]+\.ts|parse\/|claims\/|jwe\/jwe-algorithms\.ts)|packages\/sealgate\/src\/(?:[a-z-]+\.ts|terminal\/|command-line\/|token\/(?:decode|describe|find|har|moment|render|time|token-input)|.*\/define-)/u;

/** Commander can start programs for commands; none of ours is one, and what starts programs takes long to load. */
const NO_PROGRAMS = '\0no-programs';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    {
      name: 'no-programs',
      enforce: 'pre',
      resolveId: (source, importer) =>
        source === 'node:child_process' && importer?.includes('/commander/') === true ? NO_PROGRAMS : undefined,
      load: (id) => (id === NO_PROGRAMS ? 'export default {};' : undefined),
    },
  ],
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
