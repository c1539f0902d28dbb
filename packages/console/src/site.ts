/**
 * The token debugger as folders of static files, and the headers that hold it to its promise: nothing leaves the page but what the
 * user asks for, to where the form of the page allows it.
 *
 * The files exist once the page is built (`npm start` and `npm run build` do); the page is written in `debugger/`.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Files to serve as they are, with the headers that each answer must carry. */
export interface Site {
  /** Absolute path of the folder. Serve it under a path that ends with a slash. */
  readonly folder: string;
  /** The page in it; other `.html` files are other forms. */
  readonly index: string;
  /** Response headers, lower case, for every file of the folder. */
  readonly headers: Readonly<Record<string, string>>;
}

const dist = path.resolve(import.meta.dirname, '..', 'dist');
// Not `debugger`: the build empties this folder, and compiled modules of that name lie beside it.
const folder = path.join(dist, 'page');

/** Content Security Policy (CSP level 3). Only `connect-src` differs between the forms. */
const policy = (connect: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const headersWith = (connect: string): Site['headers'] =>
  Object.freeze({
    'content-security-policy': policy(connect),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), clipboard-read=(self), clipboard-write=(self)',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });

/**
 * The form for any server, such as the issuer. `connect-src` is as wide as a key set may be away: any `https:` address, and plain `http:`
 * on this machine alone. The page asks for an address only when its button is pressed.
 */
export const debuggerSite: Site = Object.freeze({
  folder,
  index: 'index.html',
  headers: headersWith('https: http://localhost:* http://127.0.0.1:*'),
});

/** The form for a gateway's admin port, which alone can say why it would refuse a request: the page talks to its own origin, and to nobody else. */
export const gatewayDebuggerSite: Site = Object.freeze({
  folder,
  index: 'gateway.html',
  headers: headersWith("'self'"),
});

/** Absolute path of the same page as one file that needs no server and no network. */
export const debuggerFile: string = path.join(dist, 'debugger.html');

/** Whether the files are there. */
export function isDebuggerBuilt(): boolean {
  return [debuggerSite, gatewayDebuggerSite].every((site) => existsSync(path.join(site.folder, site.index)));
}
