/** T5: ECDSA signatures that are none: zeros, numbers out of range, another form (RFC 7518 section 3.4; CVE-2022-21449). */
import type { Attack, Probe } from '../attack.ts';
import { bigToBytes, bytesToBig, CURVES } from '../curves.ts';
import type { Curve } from '../curves.ts';
import { encodePart } from '../forge.ts';
import { tokenProbe } from '../probes.ts';
import type { Subject } from '../subject.ts';

export const ecdsa: Attack = {
  id: 'T5',
  title: 'malformed ECDSA signature',
  why: 'A verifier that does not check the range of the numbers takes zeros for everybody’s signature; one that takes two forms has two tokens for one.',
  mend: 'Verify with a maintained library in IEEE P1363 form only: both numbers in 1..n-1, the length exact.',
  severity: 'critical',
  forges: true,
  probes: ({ subject }) =>
    Object.entries(CURVES).flatMap(([alg, curve]) =>
      outOfRange(alg, curve, subject).concat(alg === subject.alg ? otherForms(curve, subject) : []),
    ),
};

function outOfRange(alg: string, curve: Curve, { header, parts }: Subject): readonly Probe[] {
  const { order, bytes } = curve;
  const values: readonly (readonly [string, bigint, bigint])[] = [
    ['(0, 0)', 0n, 0n],
    ['(0, 1)', 0n, 1n],
    ['(1, 0)', 1n, 0n],
    ['(n, n)', order, order],
    ['(1, n)', 1n, order],
  ];
  const first = encodePart({ ...header, alg });
  return values.map(([name, r, s]) => {
    const signature = Buffer.concat([bigToBytes(r, bytes), bigToBytes(s, bytes)]);
    return tokenProbe(`${alg} with the signature ${name}`, `${first}.${parts[1]}.${signature.toString('base64url')}`);
  });
}

/** The valid signature written otherwise. */
function otherForms({ bytes }: Curve, { parts, signature }: Subject): readonly Probe[] {
  const halves = [signature.subarray(0, bytes), signature.subarray(bytes)] as const;
  const zero = Buffer.alloc(1);
  const form = (name: string, value: Buffer) =>
    tokenProbe(name, `${parts[0]}.${parts[1]}.${value.toString('base64url')}`);
  return [
    form('the valid signature as DER', derSignature(halves)),
    form('the valid signature with a longer r and s', Buffer.concat([zero, halves[0], zero, halves[1]])),
    form('the valid signature with a byte behind it', Buffer.concat([signature, zero])),
  ];
}

/** SEQUENCE of two INTEGER (RFC 3279 section 2.2.3). */
function derSignature(halves: readonly [Buffer, Buffer]): Buffer {
  const integers = halves.map((half) => {
    const hex = bytesToBig(half).toString(16);
    const even = hex.length % 2 === 0 ? hex : `0${hex}`;
    // A leading bit of 1 would make it negative.
    const value = Buffer.from(Number.parseInt(even[0] ?? '0', 16) >= 8 ? `00${even}` : even, 'hex');
    return Buffer.concat([Buffer.from([0x02, value.length]), value]);
  });
  const body = Buffer.concat(integers);
  const length = body.length < 128 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}
