/**
 * The administration as an OpenAPI 3.1 document, made of the endpoints and of the very schemas that check requests. A test holds each answer
 * against it.
 */
import * as z from 'zod';
import { ADMIN_SCOPE } from '../../clients/built-in-operator.ts';
import { FIRST_PARTY_CODES, type FirstPartyCode } from '../problems.ts';
import type { Endpoint } from './endpoint.ts';
import { ADMIN_ENDPOINTS } from './endpoints.ts';
import { SCHEMAS } from './schemas.ts';

/** Refusals that every endpoint may answer. */
const ALWAYS: readonly FirstPartyCode[] = ['invalid_request', 'token_missing', 'invalid_token', 'insufficient_scope'];
/** What a body can be refused for. */
const WITH_BODY: readonly FirstPartyCode[] = ['media_type_unsupported', 'body_too_large'];

interface JsonSchema {
  readonly [member: string]: unknown;
}

/** @param serverUrl - Base of the endpoints, which is the audience of tokens for them. */
export function describeAdminApi(serverUrl: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const endpoint of ADMIN_ENDPOINTS) {
    const path = endpoint.path.replaceAll(/:(\w+)/gu, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sealgate: administration of the issuer',
      version: '1',
      description: `Users, clients, keys, sessions, revocations, the audit and the verifiers. Each call needs an access token for this API (\`aud\`) with the scope \`${ADMIN_SCOPE}\`.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }, { dpop: [] }],
    tags: [...new Set(ADMIN_ENDPOINTS.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...componentSchemas(), Problem: PROBLEM },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'RFC 6750.' },
        dpop: { type: 'http', scheme: 'dpop', description: 'For tokens that are bound to a key (RFC 9449).' },
      },
    },
  };
}

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457). Branch on `code`.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(FIRST_PARTY_CODES) },
    detail: { type: 'string' },
    request_id: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'code', 'detail'],
};

function operation(endpoint: Endpoint): JsonSchema {
  const { id, summary, body, answer, status, versioned, conditional } = endpoint;
  return {
    operationId: id,
    tags: [tagOf(endpoint)],
    summary,
    parameters: parameters(endpoint),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [bodyTypeOf(endpoint)]: { schema: reference(body) } } } }),
    responses: {
      [String(status)]: {
        description: answer === undefined ? 'Done.' : 'The answer.',
        ...(versioned ? { headers: { ETag: { schema: { type: 'string' }, description: 'For `If-Match`.' } } } : {}),
        ...(answer === undefined ? {} : { content: { 'application/json': { schema: reference(answer) } } }),
      },
      ...refusals([...ALWAYS, ...(body === undefined ? [] : WITH_BODY), ...endpoint.refusals]),
    },
    ...(conditional ? { description: 'With `If-Match` only if the record is as it was when it was read.' } : {}),
  };
}

const bodyTypeOf = ({ method }: Endpoint) => (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');

const tagOf = ({ path }: Endpoint) => path.split('/')[1] ?? '';

function parameters({ path, query, conditional }: Endpoint): JsonSchema[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return [
    ...[...path.matchAll(/:(\w+)/gu)].map(([, name]) => {
      return { name, in: 'path', required: true, schema: { type: 'string' } };
    }),
    ...Object.entries(properties).map(([name, schema]) => {
      const { description, ...rest } = schema as JsonSchema;
      return { name, in: 'query', required: required.includes(name), description, schema: rest };
    }),
    ...(conditional ? [{ name: 'If-Match', in: 'header', required: false, schema: { type: 'string' } }] : []),
  ];
}

function refusals(codes: readonly FirstPartyCode[]): Record<string, JsonSchema> {
  const byStatus = Map.groupBy(new Set(codes), (code) => FIRST_PARTY_CODES[code].status);
  const entries = [...byStatus].map(([status, found]) => [
    String(status),
    {
      description: found.map((code) => `\`${code}\`: ${FIRST_PARTY_CODES[code].title}`).join(' '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  return Object.fromEntries(entries) as Record<string, JsonSchema>;
}

function reference(schema: z.ZodType): JsonSchema {
  const name = SCHEMAS.get(schema)?.id;
  if (name === undefined) throw new TypeError('every body and answer has a name');
  return { $ref: `#/components/schemas/${name}` };
}

function componentSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(SCHEMAS, { io: 'input', uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]),
  );
}
