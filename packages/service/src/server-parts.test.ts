import { EventEmitter } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHealth } from './health.ts';
import { createLifecycle } from './lifecycle.ts';
import { silentLogger } from './log/logger.ts';
import { createMetrics } from './metrics.ts';
import { problem } from './problem.ts';
import { requestId } from './request-id.ts';

const logger = silentLogger();

describe('health', () => {
  it('is ready when every check passes, and says which does not', async () => {
    const health = createHealth();
    health.register('database', () => ({ ok: true }));
    expect((await health.ready()).status).toBe(200);
    health.register('feed', async () => ({ ok: false, detail: 'no word from the issuer for 40 s' }));
    expect(await health.ready()).toEqual({
      status: 503,
      body: {
        status: 'unavailable',
        checks: { database: { ok: true }, feed: { ok: false, detail: 'no word from the issuer for 40 s' } },
      },
    });
  });

  it('takes a check that throws for failed, without repeating its message', async () => {
    const health = createHealth();
    health.register('database', () => {
      throw new Error('password canary refused');
    });
    expect(JSON.stringify(await health.ready())).not.toContain('canary');
    expect((await health.ready()).status).toBe(503);
  });

  it('is not ready while draining, but alive', async () => {
    const health = createHealth();
    health.drain();
    expect(health.draining).toBe(true);
    expect((await health.ready()).status).toBe(503);
    expect(health.live().status).toBe(200);
  });

  it('has one check for a name', () => {
    const health = createHealth();
    health.register('a', () => ({ ok: true }));
    expect(() => health.register('a', () => ({ ok: true }))).toThrow(TypeError);
  });
});

describe('lifecycle', () => {
  it('closes in the reverse order of the start, once', async () => {
    const lifecycle = createLifecycle({ logger });
    const closed: string[] = [];
    for (const name of ['database', 'issuer', 'gateway']) {
      lifecycle.onClose(name, async () => {
        await Promise.resolve();
        closed.push(name);
      });
    }
    const both = await Promise.all([lifecycle.close('test'), lifecycle.close('again')]);
    expect(both).toEqual([true, true]);
    expect(closed).toEqual(['gateway', 'issuer', 'database']);
  });

  it('closes the rest when one part fails, and says that it was not clean', async () => {
    const lifecycle = createLifecycle({ logger });
    let closed = false;
    lifecycle.onClose('database', () => {
      closed = true;
    });
    lifecycle.onClose('gateway', () => Promise.reject(new Error('stuck')));
    expect(await lifecycle.close('test')).toBe(false);
    expect(closed).toBe(true);
  });

  it('does not wait for a part beyond the deadline', async () => {
    const lifecycle = createLifecycle({ logger, deadlineMs: 5 });
    lifecycle.onClose('gateway', () => Promise.withResolvers<void>().promise);
    expect(await lifecycle.close('test')).toBe(false);
  });

  it('ends the process with 0 after a clean close on a signal', async () => {
    const exited = Promise.withResolvers<number>();
    const signals = new EventEmitter();
    createLifecycle({ logger, signals, exit: exited.resolve }).exitOnSignals();
    signals.emit('SIGTERM');
    expect(await exited.promise).toBe(0);
  });

  it('ends the process at once on a later signal, but not when one Ctrl-C arrives twice', () => {
    const codes: number[] = [];
    const signals = new EventEmitter();
    let clock = 5000;
    const lifecycle = createLifecycle({ logger, signals, exit: (code) => codes.push(code), now: () => clock });
    lifecycle.onClose('gateway', () => Promise.withResolvers<void>().promise);
    lifecycle.exitOnSignals();
    signals.emit('SIGINT');
    clock += 1000;
    signals.emit('SIGINT');
    expect(codes).toEqual([]);
    clock += 1;
    signals.emit('SIGINT');
    expect(codes).toEqual([130]);
  });

  it('exits once, however often the signal arrived', async () => {
    const codes: number[] = [];
    const signals = new EventEmitter();
    const lifecycle = createLifecycle({ logger, signals, exit: (code) => codes.push(code) });
    lifecycle.exitOnSignals();
    signals.emit('SIGINT');
    signals.emit('SIGINT');
    await lifecycle.close('test');
    await Promise.resolve();
    expect(codes).toEqual([0]);
  });
});

describe('request ids', () => {
  it.each(['abcdefgh', 'A.b_c-1234', 'x'.repeat(64)])('keeps %s', (id) => {
    expect(requestId(id)).toBe(id);
  });

  it('makes one in place of anything that is not harmless', () => {
    const harmless = /^[A-Za-z0-9._-]{8,64}$/u;
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant(undefined)), (inbound) => {
        const id = requestId(inbound);
        expect(id).toMatch(harmless);
        if (inbound !== undefined && harmless.test(inbound)) expect(id).toBe(inbound);
      }),
    );
    expect(requestId('short')).not.toBe('short');
    expect(requestId('abcdefgh\n')).not.toContain('\n');
    expect(requestId(undefined)).not.toBe(requestId(undefined));
  });
});

describe('problem details (RFC 9457)', () => {
  it('has the standard members, the code and the request id', () => {
    expect(
      problem({ status: 401, code: 'token_missing', detail: 'Send a bearer token.', requestId: 'r-12345678' }),
    ).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      code: 'token_missing',
      detail: 'Send a bearer token.',
      request_id: 'r-12345678',
    });
  });

  it('does not let an extension replace a standard member (section 3.2)', () => {
    const body = problem({ status: 400, code: 'a', detail: 'b', extensions: { status: 200, scope: 'orders:read' } });
    expect(body).toMatchObject({ status: 400, scope: 'orders:read' });
  });
});

describe('metrics', () => {
  it('are counted for each server on its own', async () => {
    const [first, second] = [createMetrics(), createMetrics()];
    const definition = { name: 'requests_total', help: 'Requests.', labelNames: ['code'] as const };
    first.counter(definition).inc({ code: '200' });
    second.counter(definition);
    expect((await first.render()).body).toContain('requests_total{code="200"} 1');
    expect((await second.render()).body).not.toContain('code="200"');
    expect((await first.render()).contentType).toContain('text/plain');
  });

  it('measure the process when asked to', async () => {
    expect((await createMetrics({ process: true }).render()).body).toContain('process_cpu_seconds_total');
    expect((await createMetrics().render()).body.trim()).toBe('');
  });
});
