/**
 * The token debugger as a folder of static files, and the headers that hold it to its promise: nothing leaves the page but
 * a key set look-up that the user asks for.
 *
 * The files exist after `npm run build`; the page is written in `debugger/`.
 */
import path from 'node:path';

/** Files to serve as they are, with the headers that each answer must carry. */
export interface Site {
  /** Absolute path of the folder; `index.html` is the page. Serve it under a path that ends with a slash. */
  readonly folder: string;
  /** Absolute path of the same page as one file that needs no server and no network. */
  readonly singleFile: string;
  /** Response headers, lower case, for every file of the folder. */
  readonly headers: Readonly<Record<string, string>>;
}

const dist = path.resolve(import.meta.dirname, '..', 'dist');

/**
 * Content Security Policy of the served form (CSP level 3). `connect-src` is as wide as a key set may be away: any `https:`
 * address, and plain `http:` on this machine alone. The page asks for an address only when its button is pressed.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  'connect-src https: http://localhost:* http://127.0.0.1:*',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The token debugger. Serve `folder` at `/debugger/`, and redirect `/debugger` there. */
export const debuggerSite: Site = Object.freeze({
  folder: path.join(dist, 'debugger'),
  singleFile: path.join(dist, 'debugger.html'),
  headers: Object.freeze({
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), clipboard-read=(self), clipboard-write=(self)',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }),
});
