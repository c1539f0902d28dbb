/** An issuer with an administrator at work on it over HTTP. Every answer is held against the OpenAPI document that the issuer publishes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { builtInOperatorCredential } from '../../src/index.ts';
import { MasterKey } from '../../src/secrets/master-key.ts';
import { startIssuer, type Answer, type IssuerSettings, type IssuerUnderTest } from '../issuer-under-test.ts';

export interface Administration extends IssuerUnderTest {
  /** Token of the built-in operator. */
  readonly token: string;
  /** As the operator, below `/admin/v1`. Throws for an answer that the document does not know. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** As {@link call}, with another token, or none. */
  callWith(token: string | undefined, method: string, path: string, body?: unknown): Promise<Answer>;
  /** Operations that have answered with success, by their id. */
  readonly succeeded: ReadonlySet<string>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> } | undefined>
  >;
}

export interface AdminDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export async function startAdministration(settings: IssuerSettings = {}): Promise<Administration> {
  return administer(await startIssuer(settings));
}

export async function administer(issuer: IssuerUnderTest): Promise<Administration> {
  const token = await operatorToken(issuer);
  const document = (await issuer.get('/admin/v1/openapi.json')).body as unknown as AdminDocument;
  const check = answerChecker(document);
  const succeeded = new Set<string>();
  const callWith: Administration['callWith'] = (given, ...rest) =>
    send(rest, given === undefined ? {} : { authorization: `Bearer ${given}` });
  const send = async (
    [method, target, body]: readonly [string, string, unknown?],
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> => {
    const response = await fetch(`${issuer.url}/admin/v1${target}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
    const operationId = check(method, target, response, parsed);
    if (response.ok) succeeded.add(operationId);
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
  return {
    ...issuer,
    token,
    succeeded,
    callWith,
    call: (method, target, body, headers = {}) =>
      send([method, target, body], { authorization: `Bearer ${token}`, ...headers }),
  };
}

/** What an operator with the master key gets. */
export async function operatorToken(issuer: IssuerUnderTest): Promise<string> {
  const { clientId, clientSecret } = operatorCredential(issuer);
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const { body } = await issuer.post('/oauth/token', form);
  return String(body['access_token']);
}

export function masterKeyOf({ folder }: { readonly folder: string }): MasterKey {
  return new MasterKey(Buffer.from(readFileSync(path.join(folder, 'master.key'), 'utf8').trim(), 'base64url'));
}

export function operatorCredential(issuer: IssuerUnderTest) {
  return builtInOperatorCredential(masterKeyOf(issuer));
}

/** Throws for a status, media type or member that the document does not have. */
function answerChecker(document: AdminDocument) {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  const schemas = new Map<object, ValidateFunction>();
  const components = { schemas: closed(document.components.schemas) };
  const validatorOf = (schema: object) => {
    const known = schemas.get(schema);
    if (known !== undefined) return known;
    const made = ajv.compile({ ...schema, components });
    schemas.set(schema, made);
    return made;
  };
  return (method: string, target: string, { status, headers }: Response, body: unknown): string => {
    const operation = findOperation(document, method, target);
    const expected = operation.responses[String(status)];
    const where = `${method} ${target} answered ${status} ${JSON.stringify(body)}`;
    if (expected === undefined) throw new Error(`${where}: not a status of ${operation.operationId}`);
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const schema = expected.content?.[type]?.schema;
    if (expected.content === undefined) {
      if (Object.keys(body as object).length > 0) throw new Error(`${where}: a body where none is described`);
    } else if (schema === undefined) throw new Error(`${where}: ${type} is not described`);
    else {
      const validate = validatorOf(schema);
      if (!validate(body)) throw new Error(`${where}: ${JSON.stringify(validate.errors)}`);
    }
    return operation.operationId;
  };
}

function findOperation({ paths }: AdminDocument, method: string, target: string): Operation {
  const asked = target.split('?')[0] ?? '';
  for (const [template, operations] of Object.entries(paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/gu, '[^/]+')}$`, 'u');
    const operation = operations[method.toLowerCase()];
    if (pattern.test(asked) && operation !== undefined) return operation;
  }
  throw new Error(`${method} ${asked} is not in the document`);
}

/** The same schemas, without room for members that they do not name. */
function closed<Schema>(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(closed) as Schema;
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)]);
  const copy = Object.fromEntries(entries) as Record<string, unknown>;
  if (copy['type'] === 'object' && copy['properties'] !== undefined) copy['additionalProperties'] = false;
  return copy as Schema;
}
