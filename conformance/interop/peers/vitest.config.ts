/** How the rules for servers of other makers run: as tests do, but by `npm run interop` alone, which installs the servers. */
import { defineConfig } from 'vitest/config';
import tests from '../../../vitest.config.ts';

export default defineConfig({ ...tests, test: { ...tests.test, include: ['conformance/interop/peers/*.interop.ts'] } });
