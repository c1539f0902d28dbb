/** How tests run: from source (export condition `source`), every package in one run. */
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source', 'node', 'import', 'default'] },
  // Not `import`: it would reach `require` too, and hand CommonJS packages an ES module.
  ssr: { resolve: { conditions: ['source', 'node', 'default'] } },
  test: {
    include: ['{packages,examples}/*/{src,test}/**/*.test.ts', 'conformance/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Many tests wait for a server or a browser: two at once even where there are two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: ['-C', 'source'],
    // For the programs that tests start: what Node compiled is kept between them, where the command keeps it too.
    env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'node-compile-cache') },
    setupFiles: ['test/fixed-seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: false,
  },
});
