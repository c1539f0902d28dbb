/** Envoy itself in front, asking over gRPC and over HTTP: the rules that all proxies of docs/forward-auth.md are held to. */
import path from 'node:path';
import type { FrontingProxy } from '../../gateway/fronting-proxies.ts';
import { describeProxy } from '../../gateway/fronting-proxy-rules.ts';
import { ENVOY, folderOf } from './peers.ts';

const envoy = (name: string, from: 'envoy' | 'request', shown: string): FrontingProxy => ({
  name,
  from,
  shown: { [shown]: 'envoy.yaml' },
  program: path.join(folderOf(ENVOY), 'venv/bin/envoy'),
  debianPackage: undefined,
  main: undefined,
  args: (folder) => ['--disable-hot-restart', '--concurrency', '1', '-l', 'warning', '-c', `${folder}/envoy.yaml`],
});

describeProxy(envoy('Envoy over gRPC', 'envoy', '/etc/envoy/envoy-grpc.yaml'));
describeProxy(envoy('Envoy over HTTP', 'request', '/etc/envoy/envoy-http.yaml'));
