/** Ids of access tokens (RFC 7519 section 4.1.7). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../runtime.ts';
import { createTokenId, placeInTokenId } from './token-id.ts';

const number = fc.integer({ min: 0, max: 2 ** 24 - 1 });

describe('the id of an access token', () => {
  it('says where its row is, and is never the same twice', () => {
    fc.assert(
      fc.property(number, number, (list, index) => {
        const id = createTokenId({ list, index }, systemRuntime);
        expect(placeInTokenId(id)).toEqual({ list, index });
        expect(createTokenId({ list, index }, systemRuntime)).not.toBe(id);
      }),
    );
  });

  it.each(['', 'AAAAAAAAAAAAAAAAAAAAAA', `${'A'.repeat(24)}=`, 'A'.repeat(25), '../'.repeat(8), 'é'.repeat(24)])(
    'is not %j',
    (id) => {
      expect(placeInTokenId(id)).toBeUndefined();
    },
  );

  it('has room for 2^24 lists of 2^24 places, and says so beyond', () => {
    expect(() => createTokenId({ list: 2 ** 24, index: 0 }, systemRuntime)).toThrow(RangeError);
  });
});
