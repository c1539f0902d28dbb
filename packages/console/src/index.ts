/**
 * What a server needs to show Sealgate's pages: where the built files are, and the headers to send with them.
 *
 * This is the only part of the package that runs in Node. It serves nothing itself; the page is in `debugger/`.
 */
export { type Site, debuggerFile, debuggerSite, gatewayDebuggerSite, isDebuggerBuilt } from './site.ts';
