/**
 * JSON bodies of the first-party endpoints: strict UTF-8, one JSON object, no member twice at any depth, then the endpoint's own strict
 * schema. Small by the server's body limit.
 */
import type { FastifyInstance } from 'fastify';
import type * as z from 'zod';

export type BodyFault = 'json_invalid' | 'member_repeated' | 'member_invalid';

export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly fault: BodyFault;

  constructor(fault: BodyFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** A string, or one of the characters that open, separate and close. White space and other values are not needed. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gsu;

/** @throws {BodyError} `json_invalid`, `member_repeated`. */
export function parseJsonBody(body: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = decoder.decode(body);
    value = JSON.parse(text);
  } catch {
    throw new BodyError('json_invalid', 'the body is not valid JSON in UTF-8');
  }
  if (hasRepeatedMember(text)) throw new BodyError('member_repeated', 'a member is repeated');
  return value;
}

/** Has the routes of `app` take JSON bodies of these media types. An empty body is `undefined`. */
export function takeJson(app: FastifyInstance, mediaTypes: string[]): void {
  app.addContentTypeParser(mediaTypes, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** What the schema makes of the body. @throws {BodyError} `member_invalid`, naming the member and never its value. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : `"${issue.path.join('.')}"`;
  if (issue?.code === 'unrecognized_keys')
    throw new BodyError('member_invalid', 'the body has a member that is not known here');
  throw new BodyError('member_invalid', `${where} is missing or not acceptable`);
}

/** For text that is known to be JSON: whether an object in it names a member twice, however each is escaped. */
function hasRepeatedMember(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const members = open.at(-1);
      const name: unknown = JSON.parse(previous);
      if (members?.has(String(name)) === true) return true;
      members?.add(String(name));
    }
    previous = token;
  }
  return false;
}
