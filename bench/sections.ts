/** The sections there are, in the order of `bench/RESULTS.md`. */
import { command } from './command/section.ts';
import { profile } from './gateway/profile-section.ts';
import { gateway } from './gateway/section.ts';
import { workers } from './gateway/workers-section.ts';
import { issuer } from './issuer/section.ts';
import { jwt } from './jwt/section.ts';
import type { Section } from './section.ts';

export const SECTIONS: readonly Section[] = [gateway, profile, workers, issuer, jwt, command];
