/**
 * The part of Standard Schema (version 1) that is used here: any schema of zod, valibot, arktype and others satisfies it.
 * See https://standardschema.dev. Runs in a browser.
 */
import { refusal } from '../errors.ts';
import type { Claims } from './claims.ts';
import { deepFreeze } from './freeze.ts';

/** A schema as such libraries give it. `Output` is the type of what it accepts. */
export interface ClaimsSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/**
 * The claims as the schema gives them back, frozen.
 *
 * @throws {JwtError} `claims_rejected`, with the first claim at fault. The schema's own messages may quote values and stay behind.
 * @throws {TypeError} for a schema that answers with a promise.
 */
export function applySchema<Output>(schema: ClaimsSchema<Output>, claims: Claims): Output {
  const result = schema['~standard'].validate(claims);
  if (result instanceof Promise) throw new TypeError('claims: the schema must be synchronous');
  if (result.issues !== undefined) {
    const step = result.issues[0]?.path?.[0];
    const claim = typeof step === 'object' ? step.key : step;
    throw refusal('claims_rejected', typeof claim === 'string' && claim.length <= 64 ? { claim } : {});
  }
  return deepFreeze(result.value);
}
