/**
 * Folds the built page into one HTML file that needs no server: script, style and fonts inside, and a Content Security Policy that
 * lets nothing else in and nothing out.
 *
 * The policy names the hashes of exactly these scripts and styles (CSP level 3 section 2.3.1); `connect-src 'none'` is what holds the
 * page to its word.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Policy of the single file. `frame-ancestors` cannot stand in a meta element. */
export function singleFilePolicy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'font-src data:',
    'img-src data:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Reads the built page in `folder` and writes it as one file to `target`. */
export function writeSingleFile(folder: string, target: string): void {
  const page = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const scriptTag = /<script type="module"[^>]*src="([^"]+)"[^>]*><\/script>\s*/u.exec(page);
  const styleTag = /<link rel="stylesheet"[^>]*href="([^"]+)"[^>]*>\s*/u.exec(page);
  if (scriptTag?.[1] === undefined || styleTag?.[1] === undefined)
    throw new Error('the built page has no script or style');
  const stylePath = path.join(folder, styleTag[1]);
  const style = readFileSync(stylePath, 'utf8').replaceAll(/url\(([^)]+\.woff2)\)/gu, (_, file: string) => {
    const font = readFileSync(path.join(path.dirname(stylePath), file.replaceAll(/["']/gu, '')));
    return `url(data:font/woff2;base64,${font.toString('base64')})`;
  });
  // Neither sequence may stand in an inline script; both occur in string literals alone, where a backslash changes nothing.
  const script = readFileSync(path.join(folder, scriptTag[1]), 'utf8')
    .replaceAll('</script', String.raw`<\/script`)
    .replaceAll('<!--', String.raw`<\!--`);
  const policy = `<meta http-equiv="Content-Security-Policy" content="${singleFilePolicy(script, style)}" />`;
  const whole = page
    .replace('data-form="served"', 'data-form="file"')
    .replace(scriptTag[0], '')
    .replace(styleTag[0], '')
    .replace(/(<meta charset="utf-8" ?\/?>)/u, (charset) => `${charset}\n    ${policy}`)
    .replace('</head>', () => `<style>${style}</style>\n  </head>`)
    .replace('</body>', () => `<script type="module">${script}</script>\n  </body>`);
  if (/(?:src|href)="\.\//u.test(whole)) throw new Error('the single file still refers to another');
  writeFileSync(target, whole);
}
