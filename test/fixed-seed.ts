/**
 * Property tests draw the same cases on every run, so that a red run is about the change and not about luck.
 * `FAST_CHECK_SEED=random npm test`, or a number instead, draws others; a failure prints the seed it had.
 */
import { configureGlobal, readConfigureGlobal } from 'fast-check';

const DEFAULT_SEED = 20_261_122;

const wanted = process.env['FAST_CHECK_SEED'];
if (wanted !== 'random') configureGlobal({ ...readConfigureGlobal(), seed: Number(wanted ?? DEFAULT_SEED) });
