/**
 * The log: JSON lines through pino, redacted by construction (`redaction.ts`): members named like secrets lose their value, and the finished
 * line is searched for the shapes of secrets before it is written.
 *
 * Messages are fixed texts; what varies goes into members. Errors are logged with their code and message; the stack only for
 * errors that are no one's typed answer (programming faults), since those are what a stack is for.
 */
import { pino } from 'pino';
import type { ChildLoggerOptions, DestinationStream, Logger as PinoLogger } from 'pino';
import { redactMembers, redactText } from './redaction.ts';

export type Logger = PinoLogger;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Where lines go, written at once. Default `stdout`. */
  readonly to?: 'stdout' | 'stderr';
  /** Where lines go instead, for tests and files. */
  readonly stream?: DestinationStream;
  /** Members of every line, such as `{ service: 'gateway' }`. */
  readonly base?: Readonly<Record<string, unknown>>;
}

/** A logger whose lines never hold a token, a key or a password. */
export function createLogger({ level = 'info', to = 'stdout', stream, base = {} }: LoggerOptions = {}): Logger {
  const options = {
    level,
    base: redactMembers(base),
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: {
      level: (label: string) => ({ level: label }),
      bindings: redactMembers,
      log: redactMembers,
    },
    serializers: { err: describeError, error: describeError, req: describeRequest, res: describeResponse },
    hooks: { streamWrite: redactText },
  };
  return redactBindings(pino(options, stream ?? pino.destination({ dest: to === 'stderr' ? 2 : 1, sync: true })));
}

/** pino formats the members of the root alone; children inherit this. */
function redactBindings(logger: Logger): Logger {
  const child: (this: Logger, bindings: object, options?: ChildLoggerOptions) => Logger = Reflect.get(logger, 'child');
  const setBindings: (this: Logger, bindings: object) => void = Reflect.get(logger, 'setBindings');
  return Object.assign(logger, {
    child(this: Logger, bindings: Readonly<Record<string, unknown>>, options?: ChildLoggerOptions) {
      return child.call(this, redactMembers(bindings), options);
    },
    setBindings(this: Logger, bindings: Readonly<Record<string, unknown>>) {
      setBindings.call(this, redactMembers(bindings));
    },
  });
}

/** A logger that writes nothing: the default of parts that may run without one. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return '[not an error]';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const described = { type: error.name, code, message: error.message };
  const cause = error.cause instanceof Error ? { cause: describeError(error.cause) } : {};
  return code === undefined ? { ...described, ...cause, stack: error.stack } : { ...described, ...cause };
}

/** Method and path: never the query (it may carry codes) and never headers. */
function describeRequest(request: unknown): unknown {
  if (typeof request !== 'object' || request === null) return undefined;
  const { method, url } = request as { method?: unknown; url?: unknown };
  return { method, path: typeof url === 'string' ? url.replace(/[?#].*$/su, '') : undefined };
}

function describeResponse(response: unknown): unknown {
  if (typeof response !== 'object' || response === null) return undefined;
  return { status: (response as { statusCode?: unknown }).statusCode };
}
