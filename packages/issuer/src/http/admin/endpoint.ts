/**
 * One endpoint of the administration as data: where it is, what it takes, what it answers, and what it does. The routes are made of these
 * (`admin-routes.ts`), and so is the OpenAPI document (`openapi.ts`): what is not in a schema is not taken.
 */
import * as z from 'zod';
import type { IssuerAdmin } from '../../admin/admin.ts';
import { FirstPartyError, type FirstPartyCode } from '../problems.ts';

export type AdminMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What comes with a request besides its token. */
export interface AdminRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  /** Aborted when the client went away before the answer. */
  readonly signal: AbortSignal;
}

export interface AdminReply {
  readonly body?: object | undefined;
  /** Version of the record that is shown. */
  readonly version?: string | undefined;
}

export interface Endpoint {
  /** In the OpenAPI document: `operationId`. */
  readonly id: string;
  readonly method: AdminMethod;
  /** Below `/admin/v1`; parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly status: 200 | 201 | 202 | 204;
  readonly answer: z.ZodType | undefined;
  /** Whether it answers with `ETag`. */
  readonly versioned: boolean;
  /** Whether it heeds `If-Match`. */
  readonly conditional: boolean;
  /** What it may refuse with, beside those that every endpoint may. */
  readonly refusals: readonly FirstPartyCode[];
  run(admin: IssuerAdmin, request: AdminRequest): Promise<AdminReply>;
}

interface Definition<Query extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType> {
  readonly id: string;
  readonly method: AdminMethod;
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  /** Default: 200, or 204 without an answer. */
  readonly status?: 201 | 202;
  readonly answer?: Answer;
  readonly versioned?: boolean;
  readonly conditional?: boolean;
  readonly refusals?: readonly FirstPartyCode[];
  readonly handle: (call: {
    readonly admin: IssuerAdmin;
    readonly param: (name: string) => string;
    readonly query: z.output<Query>;
    readonly body: z.output<Body>;
    readonly ifMatch: string | undefined;
    readonly signal: AbortSignal;
  }) => Promise<{ readonly body?: z.input<Answer> & object; readonly version?: string }>;
}

const NO_QUERY = z.strictObject({});

export function endpoint<
  Query extends z.ZodObject = typeof NO_QUERY,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodUndefined,
>(definition: Definition<Query, Body, Answer>): Endpoint {
  const { id, method, path, summary, body: bodySchema, answer, handle } = definition;
  const querySchema = definition.query ?? NO_QUERY;
  return {
    id,
    method,
    path,
    summary,
    query: querySchema,
    body: bodySchema,
    status: definition.status ?? (answer === undefined ? 204 : 200),
    answer,
    versioned: definition.versioned ?? false,
    conditional: definition.conditional ?? false,
    refusals: definition.refusals ?? [],
    run: async (admin, { params, query, body, ifMatch, signal }) => {
      if (bodySchema === undefined && body !== undefined) throw invalid('this endpoint takes no body');
      if (bodySchema !== undefined && body === undefined) throw invalid('a body is needed: a JSON object');
      return handle({
        admin,
        param: (name) => params[name] ?? '',
        query: parse(querySchema, query, 'query') as z.output<Query>,
        body: (bodySchema === undefined ? undefined : parse(bodySchema, body, 'body')) as z.output<Body>,
        ifMatch,
        signal,
      });
    },
  };
}

/** Says which member, and what was expected of it; never what stood there. */
function parse(schema: z.ZodType, value: unknown, what: 'query' | 'body'): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where =
    issue === undefined || issue.path.length === 0 ? `the ${what}` : `${what} member "${issue.path.join('.')}"`;
  throw invalid(`${where}: ${issue?.message ?? 'not acceptable'}`);
}

function invalid(detail: string): FirstPartyError {
  return new FirstPartyError('invalid_request', detail, { reason: 'member_invalid' });
}
