/** Configuration of one route, and of what all routes share: `gateway.routes[]` and `gateway.defaults`. */
import { byteSize, duration, httpUrl } from '@sealgate/service';
import * as z from 'zod';
import { HeaderRules, DROP, PASS } from '../request/header-rules.ts';
import { parsePattern, PATTERN_ADVICE } from '../routing/pattern.ts';
import { accessSchema } from './access-schema.ts';
import { headerMatchSchema } from './header-match-schema.ts';
import { forwardingSettings, routeForwarding } from './forwarding-schema.ts';
import { limitSettings } from './limit-schema.ts';

const jsonPointer = () =>
  z.string().regex(/^(?:\/(?:[^~/]|~[01])*)+$/u, 'expected a JSON Pointer (RFC 6901), such as "/sub"');
const fieldName = () => z.string().regex(/^[A-Za-z0-9-]+$/u, 'expected a header name of letters, digits and "-"');
const method = () => z.string().regex(/^[A-Z]{1,32}$/u, 'expected a method in capitals, such as "GET"');

const requirement = () =>
  z.union([
    z.array(z.string().min(1)),
    z.strictObject({
      all: z.array(z.string().min(1)).optional().describe('Every one of these.'),
      any: z.array(z.string().min(1)).min(1).optional().describe('At least one of these.'),
    }),
  ]);

const requireSchema = z.strictObject({
  scopes: requirement().optional().describe('Scopes the token must have: a list of all, or `{ all, any }`.'),
  roles: requirement().optional().describe('Roles the token must have: a list of all, or `{ all, any }`.'),
  claims: z
    .record(jsonPointer(), z.json())
    .optional()
    .describe('JSON Pointer into the claims, and the value that must stand there.'),
  senderConstrained: z
    .enum(['dpop', 'mtls', 'any'])
    .optional()
    .describe(
      'Only tokens that are bound to a key of their sender: by DPoP (RFC 9449), by a client certificate (RFC 8705, with `tls.clients`), or by either. The binding of a ' +
        'token that has one must be proven everywhere.',
    ),
});

const NOTHING_SPECIAL = new HeaderRules([]);

/** What the gateway says itself in an internal token. */
const OWN_CLAIMS = new Set('iss sub sub_iss aud exp nbf iat jti cnf client_id scope roles htm htp'.split(' '));

const identitySchema = z.strictObject({
  mode: z
    .enum(['headers', 'internal', 'original', 'none'])
    .default('headers')
    .describe(
      '`headers`: verified claims as headers. `internal`: also a token of the gateway’s own, good for seconds, for this upstream, method and path ' +
        '(see `internalTokens`). `original`: instead the caller’s token itself. `none`: neither; the upstream does not learn who calls.',
    ),
  claims: z
    .record(z.string().min(1), jsonPointer())
    .optional()
    .describe(
      'With `internal`: claims of the internal token beside `sub`, `sub_iss`, `client_id`, `scope` and `roles`, and where they come from.',
    )
    .superRefine((claims, context) => {
      for (const name of Object.keys(claims ?? {})) {
        if (!OWN_CLAIMS.has(name)) continue;
        context.addIssue({ code: 'custom', path: [name], message: 'is a claim that the gateway sets itself' });
      }
    }),
  headers: z
    .record(fieldName(), jsonPointer())
    .optional()
    .describe(
      'Header to JSON Pointer. Strings, numbers and booleans as they are, lists joined by ",", objects as JSON; percent-encoded ' +
        'where they are not printable ASCII. A client can never set one of these headers.',
    )
    .superRefine((headers, context) => {
      for (const name of Object.keys(headers ?? {})) {
        const action = NOTHING_SPECIAL.actionFor(name);
        if (action === PASS || action === DROP) continue;
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'has a meaning of its own in HTTP or in the gateway; choose another name',
        });
      }
    }),
});

const corsSchema = z
  .strictObject({
    origins: z
      .array(
        z
          .string()
          .regex(
            /^(?:https?:\/\/[a-z0-9.-]+(?::[0-9]{1,5})?|\*)$/u,
            'expected an origin such as "https://app.acme.test", or "*"',
          ),
      )
      .min(1)
      .describe('Origins whose scripts may read answers: exact, or `*` without credentials.'),
    credentials: z
      .boolean()
      .default(false)
      .describe('Whether cookies may be sent, the one that carries the token among them.'),
    headers: z
      .array(fieldName())
      .default(['authorization', 'content-type'])
      .describe('Request headers that scripts may set.'),
    expose: z.array(fieldName()).default([]).describe('Response headers that scripts may read.'),
    maxAge: duration({ max: '24h' })
      .prefault('10m')
      .describe('How long a browser may remember the answer to a preflight.'),
  })
  .superRefine((cors, context) => {
    if (cors.credentials && cors.origins.includes('*')) {
      context.addIssue({
        code: 'custom',
        path: ['origins'],
        message: '"*" with credentials would open the API to every site; list the origins',
      });
    }
  });

const opaSchema = z.strictObject({
  url: httpUrl().describe(
    'The rule in its data API, such as `http://127.0.0.1:8181/v1/data/orders/allow`. https unless on loopback.',
  ),
  timeout: duration({ min: '1ms', max: '60s' }).prefault('250ms').describe('Longest wait for its answer.'),
  onFailure: z
    .enum(['deny', 'allow'])
    .default('deny')
    .describe('What a request is worth while it gives no answer; `deny` is 503.'),
});

/** What both a route and `defaults` may say. */
const settings = {
  require: requireSchema.optional().describe('What the token must carry.'),
  when: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe(
      'Condition in the Common Expression Language over `claims` and `request` (`method`, `path`, `headers`, `query`), such as ' +
        '`claims.tenant == request.headers["x-tenant-id"]`; of a list, and of `defaults`, all must hold. What cannot be evaluated denies.',
    ),
  opa: opaSchema.optional().describe('Asks the Open Policy Agent, after everything else.'),
  identity: identitySchema.optional().describe('How the upstream learns who calls.'),
  ...limitSettings,
  ...forwardingSettings,
  bodyLimit: byteSize({ max: '1gb' }).optional().describe('Largest request body; 413 beyond. Default 1mb.'),
  cors: corsSchema.optional().describe('Which web pages of other origins may call. Absent: none.'),
  onStale: z
    .enum(['deny', 'introspect', 'allow'])
    .optional()
    .describe('Overrides `revocation.onStale` of the issuers.'),
};

export const defaultsSchema = z.strictObject(settings).prefault({});

export const routeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/u)
    .optional()
    .describe('For metrics, logs and `explain`. Default: methods and path.'),
  host: z
    .string()
    .regex(/^(?:\*\.)?[a-z0-9.-]+$/u, 'expected a host name in lower case, or "*.parent"')
    .optional()
    .describe('Only for this host; `*.acme.test` for one level below. Any host when absent.'),
  path: z
    .string()
    .superRefine((text, context) => {
      const pattern = parsePattern(text);
      if (typeof pattern === 'string') context.addIssue({ code: 'custom', message: PATTERN_ADVICE[pattern] });
    })
    .describe('`*` or `{name}` stands for one segment, `**` at the end for the rest. The most specific path wins.'),
  methods: z.array(method()).min(1).optional().describe('Every method but TRACE and CONNECT when absent.'),
  headers: headerMatchSchema
    .optional()
    .describe(
      'Only for requests with these headers: header to value, `{ prefix: text }` or `{ present: true }`; all must hold. Others go to the next route. ' +
        'Any client can send a header: it chooses a way, it opens nothing.',
    ),
  to: z.string().describe('Name of the upstream.'),
  auth: z
    .enum(['required', 'optional', 'none'])
    .default('required')
    .describe('`optional`: a valid token or none at all. `none`: open to everybody.'),
  issuers: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Names of the issuers whose tokens count here. All when absent.'),
  access: accessSchema
    .optional()
    .describe('Which client addresses may use the route, beside what `gateway.access` says.'),
  cookie: z
    .string()
    .optional()
    .describe(
      'Name of a cookie that may carry the token instead of `Authorization`, such as `__Host-sealgate-access` of the issuer. With unsafe methods and WebSockets it counts only from pages of the same origin, or of `cors.origins` with `credentials`.',
    ),
  ...routeForwarding,
  ...settings,
});

export type RouteConfig = z.output<typeof routeSchema>;
export type DefaultsConfig = z.output<typeof defaultsSchema>;
export type IdentityConfig = z.output<typeof identitySchema>;
export type CorsConfig = z.output<typeof corsSchema>;
export type RequirementConfig = z.output<ReturnType<typeof requirement>>;
