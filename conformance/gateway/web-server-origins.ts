/**
 * nginx and Apache httpd as origins: each writes one line for every request that it read, or took for one, into a log of its own, from which the
 * tests learn what reached it.
 *
 * Both take header names with "_", as an application behind them would. nginx reports the fields that it is told to, Apache all of them.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { apacheHead, ask, startServer, type DebianServer } from './debian-server.ts';
import { startOrigin, type ReportingOrigin, type SeenRequest } from './origin.ts';

/** Every kind of origin, for `describe.each`. Each says that anybody may read what is under `/shared`. */
export const ORIGINS: readonly { readonly behind: string; readonly start: () => Promise<ReportingOrigin> }[] = [
  { behind: 'Node', start: startNode },
  { behind: 'nginx', start: () => startWebServer(NGINX) },
  { behind: 'Apache', start: () => startWebServer(APACHE) },
];

async function startNode(): Promise<ReportingOrigin> {
  const origin = await startOrigin();
  origin.on('/shared', (_req, res) => {
    res.writeHead(200, { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' }).end('ok');
  });
  return origin;
}

const WRITTEN_WITHIN_MS = 5000;

interface WebServer extends DebianServer {
  readonly parseLine: (line: string) => SeenRequest;
}

/** What nginx is asked for: it cannot list what it got. */
const NAMED_FIELDS = [
  'host connection te keep-alive trailer transfer-encoding content-length authorization proxy-authorization cookie expect',
  'x-user-id x-user-roles x-tenant-id x-request-id x-hop x-a x-trailer x-fold',
  'forwarded x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port x-forwarded-prefix x-real-ip true-client-ip',
  'cf-connecting-ip x-original-url x-rewrite-url x-http-method-override',
].flatMap((names) => names.split(' '));

const variableOf = (field: string): string => `$http_${field.replaceAll('-', '_')}`;

/** nginx reads a body only to pass it on: to itself. */
const NGINX: WebServer = {
  program: 'nginx',
  debianPackage: 'nginx-light',
  files: (folder, port) => ({
    'main.conf': `
      daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
      events { worker_connections 512; }
      http {
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
        fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        underscores_in_headers on;
        ignore_invalid_headers off;
        client_body_buffer_size 64k; client_body_in_single_buffer on;
        log_format seen escape=json '{"method":"$request_method","target":"$request_uri","line":"$request","body":"$request_body","fields":{${NAMED_FIELDS.map((name) => `"${name}":"${variableOf(name)}"`).join(',')}}}';
        server {
          listen 127.0.0.1:${port};
          access_log ${folder}/seen.log seen;
          location / { proxy_pass http://unix:${folder}/inner.sock; }
          location /shared { add_header access-control-allow-origin *; add_header access-control-allow-credentials true; proxy_pass http://unix:${folder}/inner.sock; }
        }
        server { listen unix:${folder}/inner.sock; access_log off; return 200 '{}'; }
      }`,
  }),
  args: (folder) => ['-e', 'stderr', '-p', folder, '-c', `${folder}/main.conf`],
  parseLine(text) {
    const { method, target, line, body, fields }: Reported = JSON.parse(text);
    const rawHeaders = Object.entries(fields).flatMap(([name, value]) => (value === '' ? [] : [name, value]));
    return { method, target: target === '' ? line : target, rawHeaders, body };
  },
};

interface Reported {
  readonly method: string;
  readonly target: string;
  readonly line: string;
  readonly body: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A script says the body back, and a filter notes it on its way out. A line is written when its answer is, long before another script can start. */
const APACHE: WebServer = {
  program: 'apache2',
  debianPackage: 'apache2-bin',
  files: (folder, port) => ({
    'main.conf': `
      ${apacheHead(folder, port, ['alias', 'cgid', 'headers', 'lua'])}
      StartServers 1
      ServerLimit 1
      ThreadsPerChild 32
      MaxRequestWorkers 32
      Timeout 5
      AllowEncodedSlashes NoDecode
      TraceEnable on
      LogFormat "%r\\t%{fields}n\\t%{content}n" seen
      CustomLog ${folder}/seen.log seen
      LuaHookFixups ${folder}/report.lua note_fields
      LuaOutputFilter content ${folder}/report.lua note_content
      SetOutputFilter content
      ScriptSock ${folder}/cgi.sock
      ScriptAliasMatch ^/ ${folder}/echo.sh
      <Location /shared>
        Header always set access-control-allow-origin *
        Header always set access-control-allow-credentials true
      </Location>`,
    'report.lua': `
      function note_fields(r)
        local lines = {}
        for name, value in pairs(r:headers_in_table()) do lines[#lines + 1] = name .. ':' .. value end
        r.notes['fields'] = table.concat(lines, '\\n')
        return apache2.DECLINED
      end
      function note_content(r)
        coroutine.yield()
        local content = ''
        while bucket ~= nil do
          content = content .. bucket
          r.notes['content'] = content
          coroutine.yield(bucket)
        end
        coroutine.yield('')
      end`,
    'echo.sh': `#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nexec cat\n`,
  }),
  args: (folder) => ['-D', 'FOREGROUND', '-f', `${folder}/main.conf`],
  parseLine(text) {
    const [line = '', fields = '', body = ''] = text.split('\t').map(unescapeLogged);
    const [method = '', target = ''] = line.split(' ');
    const rawHeaders = fields.split('\n').flatMap((field) => {
      const colon = field.indexOf(':');
      return colon === -1 ? [] : [field.slice(0, colon), field.slice(colon + 1)];
    });
    return { method, target, rawHeaders, body };
  },
};

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', n: '\n', r: '\r', t: '\t', v: '\v', '"': '"', '\\': '\\' };

/** What httpd writes for octets that a line cannot hold. */
function unescapeLogged(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gu, (_, octet: string | undefined, letter: string) =>
    octet === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(octet, 16)),
  );
}

async function startWebServer(kind: WebServer): Promise<ReportingOrigin> {
  const server = await startServer(kind);
  const { url, folder } = server;
  const log = path.join(folder, 'seen.log');
  let [marks, taken] = [0, 0];
  const origin: ReportingOrigin = {
    url,
    /** A request of its own ends what there is to report: all lines before it are there when its own is. */
    async take() {
      const mark = `/mark-${marks++}`;
      await ask(url + mark);
      const deadline = performance.now() + WRITTEN_WITHIN_MS;
      for (;;) {
        const lines = readFileSync(log, 'latin1').split('\n').slice(taken, -1);
        if (lines.some((line) => line.includes(mark))) {
          taken += lines.length;
          return lines.filter((line) => !line.includes(mark)).map(kind.parseLine);
        }
        if (performance.now() > deadline) throw new Error(`${kind.program} does not write down what it was asked`);
        await wait(2);
      }
    },
    close: () => server.close(),
  };
  await origin.take();
  return origin;
}
