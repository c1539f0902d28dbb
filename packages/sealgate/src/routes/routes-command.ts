/** `sealgate routes`: which route wins over which, and what each asks of a token. The order in the file does not matter. */
import { describeRoutes } from '@sealgate/gateway';
import type { RouteDescription } from '@sealgate/gateway';
import { CommandError } from '../command-error.ts';
import { loadConfig } from '../config/load-config.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { safeJsonLine, safeSentence } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { renderTable } from '../terminal/table.ts';

export interface RoutesArguments {
  readonly file: string;
  readonly json: boolean;
}

/** @throws {CommandError} `config_invalid`, `config_unusable`. */
export function routesCommand({ file, json }: RoutesArguments, io: CommandIo): ExitCode {
  const { gateway } = loadConfig(file);
  if (gateway === undefined) throw new CommandError('config_unusable', `${file} has no section "gateway"`);
  const routes = describeRoutes(gateway);
  if (json) {
    io.stdout(`${JSON.stringify(routes, null, 2)}\n`);
    return EXIT.yes;
  }
  const { bold, warn, name } = styleFor(io);
  const rows = routes.map((route) => [
    route.methods === 'any' ? 'any' : route.methods.join(','),
    [`${route.host ?? ''}${route.path}`, ...(route.headers ?? []).map((header) => `[${header}]`)].join(' '),
    route.canary === undefined ? route.upstream : `${route.upstream} (canary ${route.canary})`,
    asks(route).map(safeSentence).join('; '),
  ]);
  const table = renderTable(rows, {
    head: ['method', 'path', 'upstream', 'asks for'],
    paintHead: bold,
    paint: (cell, column, row) => {
      if (column === 1) return name(cell);
      return column === 3 && routes[row]?.auth === 'none' ? warn(cell) : cell;
    },
  });
  io.stdout(
    `${table}\nThe most specific path wins, then the method, then the headers. What no route names is refused.\n`,
  );
  return EXIT.yes;
}

const BOUND = {
  dpop: 'bound by DPoP',
  mtls: 'bound to a client certificate',
  any: 'bound by DPoP or to a client certificate',
} as const;

/** In the order in which the decision asks. */
function asks({ auth, requires }: RouteDescription): string[] {
  if (auth === 'none') return ['nothing: open to everybody'];
  const { issuers, scopes, roles, claims = {}, senderConstrained, when = [], policyService } = requires;
  const list = (what: string, { all, any }: { all: readonly string[]; any: readonly string[] }) => [
    ...(all.length === 0 ? [] : [`${what} ${all.join(' and ')}`]),
    ...(any.length === 0 ? [] : [`${what} ${any.join(' or ')}`]),
  ];
  return [
    auth === 'optional' ? 'a token or none' : 'a token',
    ...(issuers === undefined ? [] : [`of ${issuers.join(' or ')}`]),
    ...(scopes === undefined ? [] : list('scope', scopes)),
    ...(roles === undefined ? [] : list('role', roles)),
    ...Object.entries(claims).map(([pointer, value]) => `${pointer} = ${safeJsonLine(value)}`),
    ...(senderConstrained === undefined ? [] : [BOUND[senderConstrained]]),
    ...when.map((condition) => `when ${condition}`),
    ...(policyService === true ? ['the policy service agrees'] : []),
  ];
}
