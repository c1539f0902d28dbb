import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBinding } from './sender-binding.ts';

const THUMBPRINT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

describe('the cnf claim (RFC 7800 section 3.1)', () => {
  it.each<[string, unknown, object | undefined]>([
    ['a key (RFC 9449 section 6.1)', { jkt: THUMBPRINT }, { jkt: THUMBPRINT }],
    ['a certificate (RFC 8705 section 3.1)', { 'x5t#S256': THUMBPRINT }, { certificate: THUMBPRINT }],
    ['both', { jkt: THUMBPRINT, 'x5t#S256': THUMBPRINT }, { jkt: THUMBPRINT, certificate: THUMBPRINT }],
    ['one that is known and one that is not', { jkt: THUMBPRINT, kid: 'x' }, { jkt: THUMBPRINT }],
  ])('binds to %s', (_name, cnf, binding) => {
    expect(readBinding({ cnf })).toEqual({ jkt: undefined, certificate: undefined, ...binding });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a string', THUMBPRINT],
    ['a list', [{ jkt: THUMBPRINT }]],
    ['nothing', {}],
    ['a method that is not known', { kid: 'x' }],
    ['a thumbprint of another length', { jkt: THUMBPRINT.slice(1) }],
    ['another spelling of a thumbprint', { jkt: `${THUMBPRINT.slice(0, -1)}J` }],
    ['one that is good and one that is not', { jkt: THUMBPRINT, 'x5t#S256': 1 }],
  ])('is refused where it is or holds %s', (_name, cnf) => {
    expect(readBinding({ cnf })).toHaveProperty('unusable');
  });

  it('is never taken for a bearer token, whatever it holds', () => {
    fc.assert(fc.property(fc.jsonValue(), (cnf) => readBinding({ cnf }) !== undefined));
    expect(readBinding({})).toBeUndefined();
  });
});
