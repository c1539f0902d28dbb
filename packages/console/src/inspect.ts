/**
 * Entry point `@sealgate/console/inspect`: what the debugger says of a token without a key, for other programs: its form, its parts, what
 * they mean and what is wrong where. Nothing is verified. Pure; runs in a browser and in Node.
 */
export { type Difference, compareJson } from './debugger/model/compare.ts';
export type { DecodedPart, PartName, TokenPart } from './debugger/model/decode-part.ts';
export type { Fault, Severity, Span } from './debugger/model/fault.ts';
export { type Form, type Inspection, inspect } from './debugger/model/inspect.ts';
export type { JsonNode } from './debugger/model/json-scan.ts';
export { compactNode, member, numberMember, stringMember, toPlain } from './debugger/model/json-value.ts';
export { MAXIMUM_TEXT } from './debugger/model/locate.ts';
export { type ProfileName, recogniseProfile } from './debugger/model/profile.ts';
export type { Disclosure, SdJwt } from './debugger/model/sd-jwt.ts';
export { claimMeaning, type Meaning, parameterMeaning } from './debugger/strings/claims.ts';
export { type FaultText, faultText } from './debugger/strings/faults.ts';
export { FOREIGN, FORMS, PROFILES } from './debugger/strings/kinds.ts';
