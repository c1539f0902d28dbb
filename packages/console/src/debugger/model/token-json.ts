/**
 * What sound JSON may not hold when it is part of a token: members named `__proto__`, U+0000, and more than the limits of
 * `@sealgate/jwt/parse` (ATTACKS T22). `json-scan.ts` tells what is wrong with JSON as such.
 */
import { DEFAULT_LIMITS } from '@sealgate/jwt/parse';
import type { JsonNode } from './json-scan.ts';

export type TokenJsonFaultCode = 'json-proto-member' | 'json-nul' | 'json-past-limits';

export interface TokenJsonFault {
  readonly code: TokenJsonFaultCode;
  /** Offset in the scanned text, and how many characters are at fault. */
  readonly at: number;
  readonly length: number;
  /** The limit that was passed; 0 for the other faults. */
  readonly limit: number;
}

const PROTO = '__proto__';

/** The faults of a tree in the order of the text; of each limit only where it is passed first. */
export function tokenJsonFaults(root: JsonNode): TokenJsonFault[] {
  const faults: TokenJsonFault[] = [];
  const passed = new Set<number>();
  let members = 0;
  const add = (code: TokenJsonFaultCode, at: number, length = 1, limit = 0) => faults.push({ code, at, length, limit });
  const pass = (limit: number, at: number) => {
    if (!passed.has(limit)) add('json-past-limits', at, 1, limit);
    passed.add(limit);
  };
  const walk = (node: JsonNode, depth: number): void => {
    if (node.type === 'string' && node.value.includes('\0')) add('json-nul', node.start, node.end - node.start);
    if (node.type !== 'object' && node.type !== 'array') return;
    if (depth > DEFAULT_LIMITS.jsonDepth) pass(DEFAULT_LIMITS.jsonDepth, node.start);
    if (node.type === 'array') return node.items.forEach((item) => walk(item, depth + 1));
    for (const { name, nameStart, value } of node.members) {
      members += 1;
      if (members > DEFAULT_LIMITS.jsonMembers) pass(DEFAULT_LIMITS.jsonMembers, nameStart);
      if (name === PROTO) add('json-proto-member', nameStart, PROTO.length + 2);
      if (name.includes('\0')) add('json-nul', nameStart);
      walk(value, depth + 1);
    }
  };
  walk(root, 1);
  return faults;
}
