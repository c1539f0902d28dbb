/**
 * A folder of built pages, held in memory, as both servers of ours show it: the files are known when the server starts, so no path of
 * a request ever reaches the file system, and what is served belongs together even while the folder is built anew.
 *
 * For a few small files. Revalidation by ETag (RFC 9110 section 8.8.3); names that carry a hash of their content are kept for a year
 * (RFC 9111 section 5.2.2).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What to serve; whoever builds the pages exports it. */
export interface StaticFolder {
  /** Absolute path. */
  readonly folder: string;
  /** The page at the root; no other `.html` file of the folder is served. */
  readonly index: string;
  /** Header fields for every answer, lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface StaticAnswer {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface StaticSite {
  /**
   * @param name - Path below the root, without a slash in front: '' is the page.
   * @param ifNoneMatch - The request's field of that name.
   * @returns undefined where there is no such file.
   */
  answer(name: string, ifNoneMatch: string | undefined): StaticAnswer | undefined;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** `name-Xa5996l1.js`: another content would have another name. */
const HASHED_NAME = /-[\w-]{8}\.\w+$/u;

/** @throws {Error} of the file system, where the folder or its page cannot be read. */
export function loadStaticSite({ folder, index, headers }: StaticFolder): StaticSite {
  const answers = new Map<string, StaticAnswer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = MEDIA_TYPES[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file).replaceAll(path.sep, '/');
    if (!name.endsWith('.html')) answers.set(name, readAnswer(file, type, headers));
  }
  answers.set('', readAnswer(path.join(folder, index), MEDIA_TYPES['.html'] ?? '', headers));
  return {
    answer(name, ifNoneMatch) {
      const found = answers.get(name);
      if (found === undefined || ifNoneMatch !== found.headers['etag']) return found;
      return { status: 304, headers: found.headers, body: Buffer.alloc(0) };
    },
  };
}

function readAnswer(file: string, type: string, headers: StaticFolder['headers']): StaticAnswer {
  const body = readFileSync(file);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const cacheControl = HASHED_NAME.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache';
  return { status: 200, headers: { ...headers, 'content-type': type, 'cache-control': cacheControl, etag }, body };
}
