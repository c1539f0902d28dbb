/**
 * `npm test`: every test there is. First makes sure that the servers which tests start are installed (Debian packages), then runs
 * Vitest over the whole tree. Arguments go to Vitest: `npm test -- packages/jwt`.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { REQUIREMENTS, ensure } from './provision.ts';

ensure(REQUIREMENTS.test);

const root = path.resolve(import.meta.dirname, '..');
const result = spawnSync('vitest', ['run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(result.status ?? 1);
