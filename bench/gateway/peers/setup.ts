/** What a Node gateway under comparison is told when it starts: one JSON argument. Everything else is its own default. */
export interface PeerSetup {
  readonly port: number;
  readonly origin: string;
  readonly algorithm: 'RS256' | 'ES256';
  readonly publicKey: string;
  readonly issuer: string;
  readonly audience: string;
  /** Whether to use the cache of verified tokens that the peer's library offers. */
  readonly cache: boolean;
}

/** The setup handed to this process. */
export function readSetup(): PeerSetup {
  const setup: PeerSetup = JSON.parse(process.argv[2] ?? '');
  return setup;
}

/** `sub` of claims that a library decoded, whatever type it gives them. */
export function subjectOf(claims: unknown): string {
  return typeof claims === 'object' && claims !== null && 'sub' in claims ? String(claims.sub) : '';
}
