/**
 * Which requests of a route go to its canary: those with a claim or a header, or a share of the callers.
 *
 * A share is of callers, not of requests: who is in it stays in it, by subject, or by address where there is none, for as long as the share is not made
 * smaller.
 */
import { parseJsonPointer, readPointer, type JsonPointer, type JsonValue, type Principal } from '@sealgate/guard';
import { isDeepStrictEqual } from 'node:util';
import type { CanaryConfig } from '../config/forwarding-schema.ts';
import { addressGroup } from '../request/client-address.ts';
import { unitHash } from './balance.ts';

export interface CanaryFacts {
  readonly principal: Principal | undefined;
  readonly ip: string;
  /** Name, value, name, value: what the client sent and may pass. */
  readonly passed: readonly string[];
}

export class Canary {
  readonly #route: string;
  readonly #share: number;
  readonly #sticky: CanaryConfig['sticky'];
  readonly #claims: readonly { readonly pointer: JsonPointer; readonly value: JsonValue }[];
  readonly #headers: readonly { readonly name: string; readonly value: string }[];

  /** @param route - Its name: different routes draw different callers. */
  constructor({ weight = 0, sticky, claims = {}, headers = {} }: CanaryConfig, route: string) {
    this.#route = route;
    this.#share = weight / 100;
    this.#sticky = sticky;
    this.#claims = Object.entries(claims).map(([text, value]) => ({
      pointer: parseJsonPointer(text, `canary.claims.${text}`),
      value,
    }));
    this.#headers = Object.entries(headers).map(([name, value]) => ({ name: name.toLowerCase(), value }));
  }

  takes(facts: CanaryFacts): boolean {
    const { principal, passed } = facts;
    if (principal !== undefined) {
      for (const { pointer, value } of this.#claims)
        if (isDeepStrictEqual(readPointer(principal.claims, pointer), value)) return true;
    }
    for (const { name, value } of this.#headers) {
      for (let index = 0; index < passed.length; index += 2)
        if (passed[index + 1] === value && passed[index]?.toLowerCase() === name) return true;
    }
    return this.#share > 0 && unitHash(`${this.#route}\n${this.#caller(facts)}`) < this.#share;
  }

  #caller({ principal, ip }: CanaryFacts): string {
    if (this.#sticky === 'sub' && principal?.subject !== undefined) return `${principal.issuer}\n${principal.subject}`;
    return addressGroup(ip);
  }
}
