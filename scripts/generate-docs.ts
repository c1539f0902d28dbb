/**
 * `npm run docs`: writes the documents that are made from code, so that they cannot drift from it. With `--check` it writes nothing
 * and fails when a checked-in document differs (`npm run check` runs that).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeAdminApi } from '@sealgate/issuer';
import { configJsonSchema, renderConfigDocs } from '@sealgate/service';
import { configSchema } from '../packages/sealgate/src/config/schema.ts';

import { renderCommandDocs, renderManualPage } from './docs/commands.ts';
import { renderErrorDocs } from './docs/errors.ts';
import { renderReadme } from './docs/readme.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch {
    return '';
  }
};

const CONFIG_INTRO = `# Configuration

Every key of the configuration file. Generated from its schema (\`npm run docs\`); \`sealgate.schema.json\` is the same as JSON Schema, for
editors. An unknown key is an error that names the line and the key that was probably meant. Durations are written as \`30s\`,
\`10m\`, \`24h\`, \`30d\`; sizes as \`64kb\`, \`1mb\`; secrets only as \`file:PATH\` or \`env:NAME\`.

`;

const documents: Readonly<Record<string, () => string>> = {
  'docs/errors.md': renderErrorDocs,
  'docs/commands.md': renderCommandDocs,
  'packages/sealgate/man/sealgate.1': renderManualPage,
  'docs/config.md': () => CONFIG_INTRO + renderConfigDocs(configSchema),
  'docs/admin-api.json': () => `${JSON.stringify(describeAdminApi('https://id.example.com/admin/v1'), null, 2)}\n`,
  'sealgate.schema.json': () => `${JSON.stringify(configJsonSchema(configSchema), null, 2)}\n`,
  'README.md': () => renderReadme(read('README.md')),
};

const checkOnly = process.argv.includes('--check');
for (const [file, render] of Object.entries(documents)) {
  const wanted = render();
  if (read(file) === wanted) continue;
  if (checkOnly) {
    console.error(`${file} is not what the code says: run "npm run docs"`);
    process.exitCode = 1;
  } else {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), wanted);
    console.log(`wrote ${file}`);
  }
}
