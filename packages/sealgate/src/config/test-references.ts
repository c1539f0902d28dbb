/** What `tests` name and the gateway of the file does not have. */
import type { GatewayConfig } from '@sealgate/gateway';
import type { ConfigTest } from '@sealgate/gateway/config-tests';

export interface TestFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly suggestion: string;
}

export function testFaults(
  { issuers, tls }: Pick<GatewayConfig, 'issuers' | 'tls'>,
  tests: readonly ConfigTest[],
): TestFault[] {
  const known = Object.keys(issuers);
  return tests.flatMap(({ issuer = known[0], token, certificate }, index) => {
    const faults: TestFault[] = [];
    const refuse = (key: keyof ConfigTest, message: string, suggestion: string) =>
      faults.push({ path: ['tests', index, key], message, suggestion });
    if (issuer === undefined && token !== 'none') {
      refuse('token', 'there is no issuer to have it from', 'add one to "gateway.issuers"');
    } else if (issuer !== undefined && !known.includes(issuer)) {
      refuse('issuer', `no issuer is named "${issuer}"`, `the issuers are ${known.join(', ') || 'none'}`);
    }
    if (certificate !== undefined && tls?.clients === undefined) {
      const suggestion = 'add "tls.clients" to the gateway, or leave it out here';
      refuse('certificate', 'the gateway asks no client for a certificate', suggestion);
    }
    return faults;
  });
}
