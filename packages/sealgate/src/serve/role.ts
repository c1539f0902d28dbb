/** The servers that one process can be. */

export const ROLES = ['issuer', 'gateway'] as const;

export type Role = (typeof ROLES)[number];
