/**
 * The verifier that needs no configuration: a gateway in the same process, or on a machine that shares the master key, proves itself by a
 * secret derived from that key. It may introspect and read the feed, and nothing else.
 */
import { timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../secrets/master-key.ts';
import type { Client } from './client.ts';

export const BUILT_IN_VERIFIER_ID = 'sealgate-gateway';

export interface VerifierCredential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The credential of whoever holds the master key. */
export function builtInVerifierCredential(masterKey: MasterKey): VerifierCredential {
  const secret = masterKey.mac(`sealgate/verifier/v1/${BUILT_IN_VERIFIER_ID}`).toString('base64url');
  return { clientId: BUILT_IN_VERIFIER_ID, clientSecret: secret };
}

export class BuiltInVerifier {
  readonly #secret: Buffer;

  constructor(masterKey: MasterKey) {
    this.#secret = Buffer.from(builtInVerifierCredential(masterKey).clientSecret);
  }

  /** The client, if it is this one and proves itself. */
  client(id: string, secret: string | undefined): Client | undefined {
    if (id !== BUILT_IN_VERIFIER_ID || secret === undefined) return undefined;
    const presented = Buffer.from(secret);
    const matches = presented.length === this.#secret.length && timingSafeEqual(presented, this.#secret);
    return matches ? CLIENT : undefined;
  }
}

const CLIENT: Client = {
  id: BUILT_IN_VERIFIER_ID,
  name: 'Sealgate gateway',
  authentication: 'secret',
  grants: new Set(),
  scopes: [],
  audiences: [],
  introspection: true,
  dpopBound: false,
  certificateBound: false,
  disabled: false,
  notBeforeSeconds: 0,
  version: 0,
  createdMs: 0,
  updatedMs: 0,
  secrets: [],
};
