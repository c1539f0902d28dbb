/** Stands in for the configured issuers while a configuration is tested: their names, algorithms and audiences, with keys made for the test. */
import type { PresetName, Trust } from '@sealgate/guard';
import { exportJwk, generateKey, publicKey, signJwt, type Key } from '@sealgate/jwt';
import { createGatewayTrust } from '../config/gateway-trust.ts';
import type { IssuerConfig } from '../config/issuer-schema.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { issuerOptions } from '../config/trust-options.ts';
import type { ConfigTest } from './schema.ts';
import type { TestCertificate } from './test-certificate.ts';
import { createTestProver, type TestProver } from './test-proof.ts';

export interface TestTrust {
  readonly trust: Trust;
  /**
   * The token that a test asks for; undefined for none.
   *
   * @param certificate - What it is bound to, where the test shows one.
   * @throws {TypeError} for an issuer that is not configured.
   */
  tokenFor(
    test: Pick<ConfigTest, 'token' | 'issuer' | 'dpop'>,
    certificate: TestCertificate | undefined,
  ): string | undefined;
  /** Of tests with `dpop`. */
  readonly prover: TestProver;
}

const LIFE_SECONDS = 300;

/** Nothing leaves the process: discovery and keys are answered here. */
export async function createTestTrust(config: Pick<GatewayConfig, 'issuers'>, nowSeconds: number): Promise<TestTrust> {
  const keys = new Map<string, Key>();
  for (const [name, { algorithms }] of Object.entries(config.issuers)) {
    keys.set(name, generateKey(algorithms[0] ?? 'ES256', { kid: `test-${name}` }));
  }
  const answers = new Map<string, unknown>();
  const issuers = issuerOptions(config.issuers);
  for (const [name, { url }] of Object.entries(issuers)) {
    const base = url.replace(/\/$/u, '');
    const key = keys.get(name);
    if (key !== undefined) answers.set(`${base}/test-jwks`, { keys: [exportJwk(publicKey(key))] });
    answers.set(new URL(url).host, { issuer: url, jwks_uri: `${base}/test-jwks` });
  }
  const trust = createGatewayTrust({
    issuers: Object.fromEntries(
      Object.entries(issuers).map(([name, { url, audience, algorithms, typ, mapping }]) => [
        name,
        {
          url,
          audience,
          algorithms,
          ...(typ === undefined ? {} : { typ }),
          ...(mapping === undefined ? {} : { mapping }),
        },
      ]),
    ),
    now: () => nowSeconds,
    fetch: (input) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const answer = answers.get(url.href) ?? answers.get(url.host);
      return Promise.resolve(Response.json(answer ?? {}, { status: answer === undefined ? 404 : 200 }));
    },
  });
  await trust.ready;
  const prover = createTestProver(nowSeconds);

  return {
    trust,
    prover,
    tokenFor({ token, dpop, issuer = Object.keys(config.issuers)[0] ?? '' }, certificate) {
      if (token === 'none') return undefined;
      const settings = config.issuers[issuer];
      const key = keys.get(issuer);
      if (settings === undefined || key === undefined) throw new TypeError(`no issuer is named "${issuer}"`);
      const signingKey = token === 'forged' ? generateKey(key.alg, { kid: `test-${issuer}` }) : key;
      const cnf = { ...(dpop ? prover.confirmation : {}), ...certificate?.confirmation };
      const ends = token === 'expired' ? -1 : LIFE_SECONDS;
      return signJwt(
        {
          iss: settings.url,
          aud: settings.audience[0] ?? '',
          sub: 'test-subject',
          client_id: 'test-client',
          iat: nowSeconds - LIFE_SECONDS,
          exp: nowSeconds + ends,
          jti: 'test-token',
          ...usualClaims(settings),
          ...(Object.keys(cnf).length === 0 ? {} : { cnf }),
          ...(typeof token === 'object' ? token : {}),
        },
        { key: signingKey, typ: settings.typ ?? (presetOf(settings) === undefined ? 'at+jwt' : 'JWT') },
      );
    },
  };
}

function presetOf({ mapping }: IssuerConfig): PresetName | undefined {
  return typeof mapping === 'string' ? mapping : mapping?.preset;
}

/** What every access token of such an issuer has, and its other tokens have not. */
const OF_PRESET: Readonly<Record<PresetName, (settings: IssuerConfig) => Readonly<Record<string, unknown>>>> = {
  keycloak: () => ({ typ: 'Bearer', azp: 'test-client' }),
  auth0: () => ({ azp: 'test-client' }),
  entra: () => ({ azp: 'test-client', roles: [] }),
  cognito: ({ audience }) => ({ token_use: 'access', client_id: audience[0] }),
  spring: () => ({}),
};

function usualClaims(settings: IssuerConfig): Readonly<Record<string, unknown>> {
  const preset = presetOf(settings);
  return preset === undefined ? {} : OF_PRESET[preset](settings);
}
