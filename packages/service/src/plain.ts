/** Entry point `@sealgate/service/plain`: the parts that need no other package, for programs that must start at once. */
export { formatDuration, parseDurationMs } from './config/duration-text.ts';
export { suggestName } from './config/suggest.ts';
export { redactText } from './log/redaction.ts';
