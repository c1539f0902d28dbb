/** Every endpoint of the administration, in the order of the OpenAPI document. */
import { AUDIT_ENDPOINTS } from './audit-endpoints.ts';
import { CLIENT_ENDPOINTS } from './client-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { KEY_ENDPOINTS } from './key-endpoints.ts';
import { REVOCATION_ENDPOINTS } from './revocation-endpoints.ts';
import { SESSION_ENDPOINTS } from './session-endpoints.ts';
import { USER_ENDPOINTS } from './user-endpoints.ts';
import { VERIFIER_ENDPOINTS } from './verifier-endpoints.ts';

export const ADMIN_ENDPOINTS: readonly Endpoint[] = [
  ...USER_ENDPOINTS,
  ...CLIENT_ENDPOINTS,
  ...KEY_ENDPOINTS,
  ...SESSION_ENDPOINTS,
  ...REVOCATION_ENDPOINTS,
  ...AUDIT_ENDPOINTS,
  ...VERIFIER_ENDPOINTS,
];
