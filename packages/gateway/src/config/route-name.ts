/** What a route is called in metrics, logs and explanations when its author gave it no name. */
export function routeName(route: {
  readonly name?: string | undefined;
  readonly host?: string | undefined;
  readonly path: string;
  readonly methods?: readonly string[] | undefined;
}): string {
  return route.name ?? `${route.methods?.join(',') ?? '*'} ${route.host ?? ''}${route.path}`;
}
