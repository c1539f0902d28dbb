/**
 * What a server needs to show Sealgate's pages: where the built files are, and the headers to send with them.
 *
 * It serves nothing itself; the page is in `debugger/`, and what of it other programs use in `inspect.ts`.
 */
export { type Site, debuggerFile, debuggerSite, gatewayDebuggerSite, isDebuggerBuilt } from './site.ts';
