/**
 * `sealgate token decode`: what a token says, verified by nobody. The signature is not shown: what is printed here cannot be put together
 * to a token again.
 */
import { decodeUnverified, isJwtError } from '@sealgate/jwt';
import type { JwtError, UnverifiedJwt } from '@sealgate/jwt';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { renderMembers, safeJson } from './render-claims.ts';
import { renderRefusal } from './render-refusal.ts';
import { readToken } from './token-input.ts';

export interface DecodeArguments {
  readonly token: string | undefined;
  readonly json: boolean;
}

/** @throws {CommandError} `argument_invalid` without a token. */
export async function decodeCommand({ token, json }: DecodeArguments, io: CommandIo): Promise<ExitCode> {
  const decoded = decode(await readToken(token, io));
  if (isJwtError(decoded)) {
    io.stdout(renderRefusal(decoded, json, 'no token that a verifier could read'));
    return EXIT.no;
  }
  const { header, claims, signature } = decoded;
  if (json) {
    io.stdout(`${safeJson({ verified: false, header, claims, signature: { bytes: signature.length } })}\n`);
    return EXIT.yes;
  }
  const now = io.nowSeconds();
  io.stdout(
    `Not verified: nothing below is known to be true.\n\nheader\n${renderMembers(header, now)}\n` +
      `claims\n${renderMembers(claims, now)}\nsignature\n  ${signature.length} bytes, not shown\n`,
  );
  return EXIT.yes;
}

function decode(token: string): UnverifiedJwt | JwtError {
  try {
    return decodeUnverified(token);
  } catch (error) {
    if (isJwtError(error)) return error;
    throw error;
  }
}
