import { describe, expect, it } from 'vitest';
import { EpochKeys } from './epoch-keys.ts';

const SECRET = 'a secret of more than thirty-two characters';
const at = (nowSeconds: number, secret = SECRET) =>
  new EpochKeys({ secret, rotateSeconds: 600, now: () => nowSeconds });
const ids = (keys: EpochKeys) => keys.jwks.keys.map(({ kid }) => kid);

describe('keys of epochs', () => {
  it('are the same for everybody who has the secret, and for nobody else', () => {
    expect(ids(at(6000))).toEqual(ids(at(6599)));
    expect(ids(at(6000)).some((kid) => ids(at(6000, `${SECRET}!`)).includes(kid))).toBe(false);
  });

  it('are published an epoch before they sign and an epoch after', () => {
    const { kid } = at(6000).current;
    expect(ids(at(5999))).toContain(kid);
    expect(ids(at(5400))).toContain(kid);
    expect(ids(at(7199))).toContain(kid);
    expect(ids(at(7200))).not.toContain(kid);
    expect(at(6600).current.kid).not.toBe(kid);
  });

  it('follow the clock without being made anew for each token', () => {
    let now = 6000;
    const keys = new EpochKeys({ secret: SECRET, rotateSeconds: 600, now: () => now });
    const first = keys.current;
    now += 599;
    expect(keys.current).toBe(first);
    now += 1;
    expect(keys.current).not.toBe(first);
  });
});
