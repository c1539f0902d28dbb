/** Our decision behind other proxies, of Debian's packages. Envoy, which has none, is held to the same rules by `npm run interop`. */
import { FRONTING_PROXIES } from './fronting-proxies.ts';
import { describeProxy } from './fronting-proxy-rules.ts';

for (const proxy of FRONTING_PROXIES) describeProxy(proxy);
