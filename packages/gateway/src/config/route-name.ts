/** What a route is called in metrics, logs and explanations when its author gave it no name. */
import { describeCondition } from '../routing/header-match.ts';
import { headerConditions, type HeaderMatchConfig } from './header-match-schema.ts';

export function routeName(route: {
  readonly name?: string | undefined;
  readonly host?: string | undefined;
  readonly path: string;
  readonly methods?: readonly string[] | undefined;
  readonly headers?: HeaderMatchConfig | undefined;
}): string {
  if (route.name !== undefined) return route.name;
  const conditions = headerConditions(route.headers).map((condition) => ` [${describeCondition(condition)}]`);
  return `${route.methods?.join(',') ?? '*'} ${route.host ?? ''}${route.path}${conditions.join('')}`;
}
