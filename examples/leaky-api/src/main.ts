/**
 * Starts the leaky API. DELIBERATELY BAD: see README.md.
 *
 * `node main.ts [--port 9100] [--fault NAME]... [--material FOLDER]`: with the last, what `sealgate attack` can be given is written there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FAULTS, isFaultName } from './faults.ts';
import { materialOf } from './material.ts';
import { createLeakyApi } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9100' },
    host: { type: 'string', default: '127.0.0.1' },
    fault: { type: 'string', multiple: true, default: [] },
    material: { type: 'string' },
  },
});
const unknown = values.fault.filter((name) => !isFaultName(name));
if (unknown.length > 0) {
  console.error(`no such fault: ${unknown.join(', ')}; there are ${Object.keys(FAULTS).join(', ')}`);
  process.exit(2);
}
const faults = new Set(values.fault.filter(isFaultName));
const api = createLeakyApi(faults);
const address = await api.listen(Number(values.port), values.host);
if (values.material !== undefined) {
  mkdirSync(values.material, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(materialOf(api.desk))) {
    writeFileSync(path.join(values.material, name), text, { mode: 0o600 });
  }
}
console.log(`leaky API on ${address}: deliberately bad, with ${[...faults].join(', ') || 'no fault'}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => api.close());
