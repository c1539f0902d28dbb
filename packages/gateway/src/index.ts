/** Where a token is checked: one YAML file of routes, in front of any HTTP service. */
export { createGateway } from './gateway.ts';
export type { Gateway, GatewayOptions, ListenAddresses, ReloadResult } from './gateway.ts';
export type { RouteSummary } from './routing/route-summary.ts';
export type { AskedRequest } from './explain/asked-request.ts';
export type { ExplainedRequest, ExplainedRule, ExplainedStep } from './explain/explain-request.ts';
export { gatewayConfigSchema } from './config/schema.ts';
export type { GatewayConfig } from './config/schema.ts';
export type { ConfigChange } from './config/diff.ts';
export { createReloader } from './reload/reloader.ts';
export type { Reloader, ReloaderOptions } from './reload/reloader.ts';
export { configTestsSchema } from './config-tests/schema.ts';
export type { ConfigTest } from './config-tests/schema.ts';
export { runConfigTests } from './config-tests/run.ts';
export type { ConfigTestResult } from './config-tests/run.ts';
export { GATEWAY_ERRORS, GatewayError } from './errors.ts';
export type { GatewayErrorCode } from './errors.ts';
export { GATEWAY_ANSWERS } from './server/answers.ts';
export type { AnswerCode } from './server/answers.ts';
