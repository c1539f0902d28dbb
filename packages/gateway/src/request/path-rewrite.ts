/**
 * The path an upstream is sent, where a route says that it is another than the one that was matched: a prefix taken away, or a template with
 * the segments that the route's path names.
 *
 * What comes of it must be canonical again (`canonical-path.ts`): everything an upstream could read in two ways stays refused (ATTACKS.md G1).
 */
import type { RewriteConfig } from '../config/forwarding-schema.ts';
import { parsePattern } from '../routing/pattern.ts';
import { canonicalTarget } from './canonical-path.ts';

/** @returns the path for the upstream, without the query; undefined when there is none that is canonical. */
export type PathRewrite = (path: string) => string | undefined;

/** A piece of a template: text, or the number of a segment of the matched path, or everything from one on. */
type Piece = string | { readonly segment: number } | { readonly from: number };

/**
 * @param routePath - The route's pattern.
 * @returns What is wrong with it as a text, instead of throwing: the config loader says where it stands.
 */
export function compileRewrite(config: RewriteConfig, routePath: string): PathRewrite | string {
  if ('stripPrefix' in config) return compileStrip(config.stripPrefix, routePath);
  return compileTemplate(config.path, routePath);
}

function compileStrip(prefix: string, routePath: string): PathRewrite | string {
  if (routePath !== prefix && !routePath.startsWith(`${prefix}/`)) {
    return `the route's path does not begin with the segments "${prefix}"`;
  }
  return (path) => canonical(path.length <= prefix.length + 1 ? '/' : path.slice(prefix.length));
}

function compileTemplate(template: string, routePath: string): PathRewrite | string {
  const pattern = parsePattern(routePath);
  if (typeof pattern === 'string') return 'the route has no usable path';
  const pieces: Piece[] = [];
  for (const [index, text] of template.slice(1).split('/').entries()) {
    const name = /^\{([a-zA-Z][a-zA-Z0-9_]*)\}$/u.exec(text)?.[1];
    if (text === '**') {
      if (!pattern.rest) return '"**" stands for the rest that the route’s path matches, and it ends without "**"';
      pieces.push({ from: pattern.segments.length });
    } else if (name !== undefined) {
      const segment = pattern.names.indexOf(name);
      if (segment === -1) return `the route's path has no segment "{${name}}"`;
      pieces.push({ segment });
    } else if (/[{}*]/u.test(text)) {
      return `"${text}" is neither text nor "{name}" nor "**"`;
    } else pieces.push(text);
    if (text === '**' && index !== template.slice(1).split('/').length - 1) return '"**" stands only at the end';
  }
  const literal = `/${pieces.filter((piece) => typeof piece === 'string').join('/')}`;
  if (canonical(literal) === undefined)
    return 'no request could have this path: write it without "..", "//", ";" and needless escapes';
  return (path) => {
    const segments = path.slice(1).split('/');
    const parts = pieces.flatMap((piece) => {
      if (typeof piece === 'string') return [piece];
      return 'segment' in piece ? [segments[piece.segment] ?? ''] : segments.slice(piece.from);
    });
    return canonical(`/${parts.join('/')}`);
  };
}

function canonical(path: string): string | undefined {
  const result = canonicalTarget(path);
  return result.ok && result.path === path ? path : undefined;
}
