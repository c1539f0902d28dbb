/**
 * The five-minute walk through the demonstration, as commands that can be pasted: `serve` prints it, the README shows it, and a test runs
 * it. One text for all three, so that it cannot be wrong in one of them.
 *
 * The commands use what every machine has: a POSIX shell, curl and sed.
 */

export interface WalkAddresses {
  readonly issuer: string;
  readonly gateway: string;
  /** The gateway's admin port. */
  readonly admin: string;
}

/** One step: what is shown, the commands, and what comes of them. */
export interface WalkStep {
  readonly title: string;
  readonly commands: string;
  readonly outcome: string;
}

/** The addresses of `sealgate.demo.yaml`. */
export const DEMO_ADDRESSES: WalkAddresses = {
  issuer: 'http://127.0.0.1:4000',
  gateway: 'http://127.0.0.1:8080',
  admin: 'http://127.0.0.1:8081',
};

/** A shell function that takes one member out of a flat JSON answer. */
const FIELD = `field() { sed "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/"; }`;

const JSON_TYPE = `-H 'content-type: application/json'`;

const LOGIN_BODY = '{"username":"demo@example.com","password":"correct horse battery staple","client_id":"orders-web"}';

const WORKER = 'orders-worker:orders-worker-secret-for-the-demo-only';

/** The walk with these addresses in its commands. */
export function walkSteps({ issuer, gateway, admin }: WalkAddresses): readonly WalkStep[] {
  const login = [
    `LOGIN=$(curl -s ${issuer}/v1/login ${JSON_TYPE} \\`,
    `  -d '${LOGIN_BODY}')`,
    'ACCESS=$(echo "$LOGIN" | field access_token)',
  ];
  const refresh = (token: string, flags = '-s') =>
    `curl ${flags} ${issuer}/v1/refresh ${JSON_TYPE} -d '{"refresh_token":"'${token}'","client_id":"orders-web"}'`;
  const bearer = (token: string) => `-H "authorization: Bearer ${token}"`;
  return [
    {
      title: 'Without a token nothing passes',
      commands: [
        `curl -iw '\\n' ${gateway}/orders`,
        `curl -iw '\\n' ${gateway}/no/such/path`,
        `curl -iw '\\n' -X PATCH ${gateway}/orders`,
      ].join('\n'),
      outcome: '401 with `WWW-Authenticate: Bearer`, whether the path and the method exist or not',
    },
    {
      title: 'Log in, and call the API',
      commands: [FIELD, ...login, `curl -iw '\\n' ${gateway}/orders ${bearer('$ACCESS')}`].join('\n'),
      outcome: '200 and the orders',
    },
    {
      title: 'Who calls is told by the gateway, never by the caller',
      commands: `curl -sw '\\n' ${gateway}/orders/echo ${bearer('$ACCESS')} -H 'X-User-Id: admin' -H 'x_user_id: admin'`,
      outcome: 'the headers that the API saw: one `x-user-id`, with the subject of the token',
    },
    {
      title: 'One character changed: refused',
      commands: `curl -iw '\\n' ${gateway}/orders -H "authorization: Bearer $(echo "$ACCESS" | sed 's/\\.e/.f/')"`,
      outcome: '401 `invalid_token`',
    },
    {
      title: 'A token that may read may not write; a user with the role may',
      commands: [
        `WORKER=$(curl -s -u ${WORKER} ${issuer}/oauth/token \\`,
        `  -d grant_type=client_credentials -d scope=orders:read | field access_token)`,
        `curl -iw '\\n' ${gateway}/orders ${bearer('$WORKER')} ${JSON_TYPE} -d '{"item":"tea"}'`,
        `curl -iw '\\n' ${gateway}/orders ${bearer('$ACCESS')} ${JSON_TYPE} -d '{"item":"tea"}'`,
      ].join('\n'),
      outcome: '403 `insufficient_scope`, then 201',
    },
    {
      title: 'Refresh: a new pair each time',
      commands: [
        'FIRST=$(echo "$LOGIN" | field refresh_token)',
        `SECOND=$(${refresh('$FIRST')} | field refresh_token)`,
        `ACCESS=$(${refresh('$SECOND')} | field access_token)`,
        `curl -iw '\\n' ${gateway}/orders ${bearer('$ACCESS')}`,
      ].join('\n'),
      outcome: '200',
    },
    {
      title: 'A stolen refresh token: used again after its successor, it kills its family',
      commands: [refresh('$FIRST', `-sw '\\n'`), `curl -iw '\\n' ${gateway}/orders ${bearer('$ACCESS')}`].join('\n'),
      outcome: '`invalid_grant`, and at the same moment 401 for the newest access token of the family',
    },
    {
      title: 'Log out: when the answer is here, no gateway lets the token through',
      commands: [
        ...login,
        `curl -iw '\\n' -X POST ${issuer}/v1/logout ${bearer('$ACCESS')}`,
        `curl -iw '\\n' ${gateway}/orders ${bearer('$ACCESS')}`,
        `curl -sw '\\n' -u ${WORKER} ${issuer}/oauth/introspect -d "token=$ACCESS"`,
      ].join('\n'),
      outcome: '204, then 401, and `{"active":false}` for whoever asks the issuer',
    },
    {
      title: 'Why? Every rule, and what would have to change',
      commands: `curl -sw '\\n' ${admin}/explain ${JSON_TYPE} -d '{"method":"GET","url":"/orders","token":"'$ACCESS'"}'`,
      outcome:
        'each rule and whether it passed; `revocation` did not. ' +
        `In a browser: ${admin}/debugger/ asks the same, ${issuer}/debugger/ looks into any token`,
    },
  ];
}

/** For the terminal: every line that is not a command is a comment, so that all of it can be pasted at once. */
export function renderWalkForTerminal(addresses: WalkAddresses): string {
  return walkSteps(addresses)
    .map(({ title, commands, outcome }, index) => `# ${index + 1}. ${title}\n${commands}\n# -> ${outcome}\n`)
    .join('\n');
}

/** For the README: the same commands, in the addresses of `sealgate.demo.yaml`. */
export function renderWalkMarkdown(): string {
  const steps = walkSteps(DEMO_ADDRESSES).map(
    ({ title, commands, outcome }, index) =>
      `**${index + 1}. ${title}**\n\n\`\`\`sh\n${commands}\n\`\`\`\n\nGives ${outcome}.`,
  );
  return [
    'With `npm start` running, paste these into another terminal. `npm start` prints the same commands.',
    ...steps,
  ].join('\n\n');
}
