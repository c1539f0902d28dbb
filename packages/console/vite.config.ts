/** `vite build -c packages/console/vite.config.ts`, as `npm run build` does it. */
import path from 'node:path';
import { defineConfig } from 'vite';
import { debuggerConfig } from './build/debugger.ts';

export default defineConfig(debuggerConfig(path.join(import.meta.dirname, 'dist')));
