/** Starts the orders API, and ends it in order: requests under way are answered first. */
import { createServer } from 'node:http';
import { createGuard } from '@sealgate/guard';
import { createApp } from './app.ts';
import { createOrderStore } from './order-store.ts';
import { readSettings } from './settings.ts';

const settings = readSettings(process.env);
const guard = createGuard({
  url: settings.issuerUrl,
  audience: settings.audience,
  algorithms: ['ES256'],
  client: { id: settings.clientId, secret: settings.clientSecret },
  revocation: { feed: 'push', staleAfterSeconds: 30, onStale: 'deny' },
});
const server = createServer(createApp(guard, createOrderStore()));

server.listen(settings.port, '127.0.0.1');

function stop(): void {
  server.close(() => void guard.close());
  server.closeIdleConnections();
  if (process.connected) process.disconnect?.();
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// Started as part of the demonstration: when that is gone, so is this.
if (process.connected) process.once('disconnect', stop);
