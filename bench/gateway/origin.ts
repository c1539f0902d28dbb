/** The API behind every gateway: nginx that answers from memory, with the user it was told of in `x-saw-user`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LOAD_CORE, type Running, freePort, start } from '../load/process.ts';

/** Starts the origin on the core of the load. `/` answers about 100 bytes, `/1kb` 1,024 bytes. */
export async function startOrigin(folder: string): Promise<Running> {
  const port = await freePort();
  const file = path.join(folder, 'origin.conf');
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
  server {
    listen 127.0.0.1:${port};
    add_header x-saw-user $http_x_user_id;
    location / { return 200 '{"id":1,"item":"chair","quantity":2,"state":"shipped","customer":"user","note":"as ordered"}'; }
    location /1kb { return 200 '${'x'.repeat(1024)}'; }
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
