#!/usr/bin/env node
// The launcher: picks the built command or, in a checkout, the TypeScript source. It holds no logic of its own, and its
// syntax is plain enough for an old Node to reach the version check.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    `sealgate needs Node.js 24.12 or later, and this is ${process.versions.node}. ` +
      'In a checkout, "npm ci" brings its own: run "npx sealgate" or "npm start".\n',
  );
  process.exit(2);
}

// A server's objects live as long as a request. With a larger young generation they die there, which takes a tenth off the cost of a request. And
// what survived the start says nothing of what comes after it: made in the old generation by that guess ("pretenuring"), one array keeps its whole
// request alive, and pauses take 20 ms instead of 3. V8 takes these options at its start alone, so the process starts over as itself; whoever
// sets one of the sizes decides alone.
const MEMORY = ['--max-semi-space-size=64', '--min-semi-space-size=32', '--no-allocation-site-pretenuring'];
const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
const canStartOver = process.execve !== undefined && process.platform !== 'win32';
if (process.argv[2] === 'serve' && canStartOver && !/semi[-_]space[-_]size/.test(given)) {
  const [node, ...rest] = process.argv;
  process.execve(node, [node, ...MEMORY, ...process.execArgv, ...rest], process.env);
}

// Asked for in this way, Node's modules load without their lazy parts: half the time of an `import`.
const module = process.getBuiltinModule('node:module');
// Compiled code is kept between runs (in the system's temporary folder): a command that answers in an instant gets used.
module.enableCompileCache?.();

const source = new URL('../src/main.ts', import.meta.url);
if (process.getBuiltinModule('node:fs').existsSync(source)) {
  // A checkout: resolve every workspace package to its source, as `node -C source` does, without a second process.
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'source'] }),
  });
  await import(source.href);
} else {
  module.createRequire(import.meta.url)('../dist/main.cjs');
}
