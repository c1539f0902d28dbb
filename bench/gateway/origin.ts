/** The API behind every gateway: nginx that answers from memory, with the user it was told of in `x-saw-user`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LOAD_CORE, type Running, freePort, start } from '../load/process.ts';

/** What is asked of the origin by the last part of a path. */
export type BodySize = '1kb' | '1mb';

export const BODY_BYTES: Readonly<Record<BodySize, number>> = { '1kb': 1000, '1mb': 1_000_000 };

/**
 * Starts the origin on the core of the load. It answers about 100 bytes; to a path that ends in a {@link BodySize}, as many; to one that ends in
 * `/upload`, after it has read the whole request: `return` alone would not wait for it.
 */
export async function startOrigin(folder: string): Promise<Running> {
  const port = await freePort();
  const file = path.join(folder, 'origin.conf');
  for (const [size, bytes] of Object.entries(BODY_BYTES)) writeFileSync(path.join(folder, size), 'x'.repeat(bytes));
  writeFileSync(
    file,
    `daemon off;
master_process off;
pid ${folder}/origin.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  default_type application/json;
  sendfile on;
  open_file_cache max=10;
  client_max_body_size 2m;
  client_body_buffer_size 1m;
  upstream itself { server 127.0.0.1:${port}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    add_header x-saw-user $http_x_user_id;
    location / { return 200 '{"id":1,"item":"chair","quantity":2,"state":"shipped","customer":"user","note":"as ordered"}'; }
    location ~ /(1kb|1mb)$ { alias ${folder}/$1; }
    location ~ /upload$ {
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_pass_request_body off;
      proxy_method GET;
      proxy_hide_header x-saw-user;
      rewrite ^ /read break;
      proxy_pass http://itself;
    }
  }
}
`,
  );
  return start({
    name: 'origin',
    command: 'nginx',
    args: ['-e', 'stderr', '-p', folder, '-c', file],
    port,
    core: LOAD_CORE,
  });
}
