/** A token as data, for `--json`: what it is, what it says, what is wrong where. The signature is counted, not shown. */
import { faultText, recogniseProfile, toPlain } from '@sealgate/console/inspect';
import type { DecodedPart, Fault, Inspection } from '@sealgate/console/inspect';

/** Whether a conforming reader accepts its form. */
export function isSound({ form, faults }: Inspection): boolean {
  return form !== 'broken' && !faults.some(({ severity }) => severity === 'error');
}

export interface DescribedFault {
  readonly code: string;
  readonly severity: string;
  readonly title: string;
  readonly detail: string;
  readonly source?: string;
  /** Characters of the text that was given, from 0. */
  readonly start?: number;
  readonly end?: number;
}

export function describeToken(inspection: Inspection): object {
  const { form, header, payload, parts, sdJwt, encrypted, faults, located } = inspection;
  const signature = parts.find(({ name }) => name === 'signature');
  const kind = recogniseProfile(inspection)?.name;
  return {
    verified: false,
    form,
    ...(kind === undefined ? {} : { kind }),
    ...(header === undefined ? {} : { header: plainOf(header) }),
    ...(payload === undefined ? {} : { claims: plainOf(payload) }),
    ...(signature === undefined ? {} : { signature: { bytes: signature.bytes.length } }),
    ...(encrypted === undefined ? {} : { ciphertext: { bytes: encrypted.ciphertext.length } }),
    ...(sdJwt === undefined
      ? {}
      : { disclosed: sdJwt.processed, undisclosed: sdJwt.undisclosed, disclosures: sdJwt.disclosures.length }),
    characters: located?.token.length ?? 0,
    faults: faults.map(describeFault),
  };
}

/** The content of a part; its text where it is no JSON. */
function plainOf({ node, json }: DecodedPart): unknown {
  return node === undefined ? json : toPlain(node);
}

export function describeFault({ code, severity, span, data }: Fault): DescribedFault {
  return { code, severity, ...faultText(code, data), ...(span === undefined ? {} : span) };
}
