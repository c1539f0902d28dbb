/**
 * One line of the access log, as JSON or in the Common Log Format (httpd's `%h %l %u %t "%r" %>s %b`).
 *
 * Nothing that a client sends can end a line or a field early: JSON escapes it, and in the common format quotes, backslashes, blanks where they
 * separate, and all that is not printable ASCII become `\xHH`. No token and no query ever enters: a path segment that looks like a JWT is cut.
 */
import type { AccessEntry } from './access-log.ts';
import { withoutTokens } from './without-tokens.ts';

export type AccessLogFormat = 'json' | 'common';

/** What makes lines, each with its line break. */
export function lineWriter(format: AccessLogFormat, nowMs: () => number): (entry: AccessEntry) => string {
  return LINES[format](nowMs);
}

const LINES: Readonly<Record<AccessLogFormat, (nowMs: () => number) => (entry: AccessEntry) => string>> = {
  json(nowMs) {
    const secondText = onceEach((ms) => new Date(ms).toISOString().slice(0, 20));
    return (entry) => {
      const now = nowMs();
      return (
        `{"time":"${secondText(now)}${String((now % 1000) | 0).padStart(3, '0')}Z","request_id":"${entry.requestId}"` +
        `,"ip":"${entry.ip}","method":"${entry.method}"` +
        `,"path":${quote(withoutTokens(entry.path))},"route":${quote(entry.route)},"status":${entry.status},"code":"${entry.code}"` +
        (entry.traceId === '' ? '' : `,"trace_id":"${entry.traceId}"`) +
        (entry.subject === '' ? '' : `,"sub":${quote(entry.subject)}`) +
        (entry.clientId === '' ? '' : `,"client_id":${quote(entry.clientId)}`) +
        (entry.upstream === '' ? '' : `,"upstream":"${entry.upstream}"`) +
        `,"duration_ms":${Math.round(entry.durationMs * 1000) / 1000},"bytes":${entry.responseBytes}}\n`
      );
    };
  },
  common(nowMs) {
    const secondText = onceEach(commonTime);
    return ({ ip, subject, method, path, httpVersion, status, responseBytes }) => {
      const request = `${method} ${path === '' ? '-' : withoutTokens(path)} HTTP/${httpVersion}`;
      const user = subject === '' ? '-' : escape(subject).replaceAll(' ', '\\x20');
      const bytes = responseBytes === 0 ? '-' : responseBytes;
      return `${ip === '' ? '-' : ip} - ${user} [${secondText(nowMs())}] "${escape(request)}" ${status} ${bytes}\n`;
    };
  },
};

/** Seconds are formatted once each. */
function onceEach(format: (ms: number) => string): (nowMs: number) => string {
  let second = Number.NaN;
  let text = '';
  return (nowMs) => {
    const now = Math.floor(nowMs / 1000);
    if (now !== second) {
      second = now;
      text = format(now * 1000);
    }
    return text;
  };
}

/** `22/Nov/2026:06:29:02 +0000` */
function commonTime(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

/** JSON string; most text needs no escaping at all. */
function quote(text: string): string {
  return /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/u.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Octets of UTF-8 that are a quote, a backslash or no printable ASCII, as `\xHH`. */
function escape(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/gu, (character) =>
    Array.from(Buffer.from(character), (octet) => `\\x${octet.toString(16).padStart(2, '0')}`).join(''),
  );
}
