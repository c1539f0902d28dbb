/** The sentences of “Why refused?”: the rules of a decision by name, and what is said around them. */

export const r = {
  elsewhere: 'Ask the gateway itself',
  elsewhereDetail:
    'Whether a request may pass depends on the routes, the revocations and the clock of a gateway. So the gateway’s admin port serves this page too, and there this view answers:',
  elsewhereAddress: 'http://127.0.0.1:8081/debugger/',
  elsewhereNote:
    'That is the address unless the configuration says otherwise under “gateway.admin”. From a shell, “sealgate explain” gives the same answer.',
  question: 'Request',
  intro:
    'Nothing is sent upstream, counted or used up: the gateway judges this request by the code that judges real ones.',
  route: 'Route',
  anyRoute: 'By method and path',
  method: 'Method',
  url: 'Path, or whole URL',
  headers: 'Further headers, one a line',
  headersPrompt: 'DPoP: eyJ…\nCookie: …',
  adminToken: 'Admin token',
  adminTokenDetail: 'This port asks for its admin token (“gateway.adminToken”). It stays in this tab.',
  button: 'Explain',
  busy: 'Asking…',
  failures: {
    'admin-token': 'The admin port does not accept this admin token, or asks for one.',
    network: 'The gateway does not answer.',
    unreadable: 'The answer cannot be read: the gateway and this page are of different versions.',
  },
  invalid: 'The gateway cannot judge this',
  allowed: 'Would be let through',
  refused: (status: number | undefined, code: string | undefined) => `Would be refused: ${status ?? ''} ${code ?? ''}`,
  upstream: (name: string) => `to upstream “${name}”`,
  noRoute: 'No route answers this request.',
  waiting: 'Choose a route or type a path, and ask.',
  changes: 'What would have to change',
  rules: 'Rules, in order',
  decided: 'decided',
  passed: 'passed',
  failed: 'failed',
  notReached: 'Not reached:',
} as const;

/** The rules in words, by the names that the gateway gives them; a rule that is new here is shown by its name. */
export const RULES: Readonly<Record<string, string>> = {
  path: 'Path',
  headers: 'Headers',
  route: 'Route',
  policy: 'Policy',
  token: 'Token',
  parse: 'Form of the token',
  issuer: 'Issuer',
  key: 'Key',
  signature: 'Signature',
  'verified claims': 'Claims',
  binding: 'Sender',
  revocation: 'Revocation',
  freshness: 'Freshness',
  introspection: 'Introspection',
  scopes: 'Scopes',
  roles: 'Roles',
  claims: 'Required claims',
  when: 'Condition',
  'policy service': 'Policy service',
  identity: 'Identity',
};
