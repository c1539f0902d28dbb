/**
 * `sealgate token verify`: is this token valid, by the verifier that the gateway uses? What was left open is said beside the answer, above all
 * revocation, which only a connected verifier or the issuer knows.
 */
import {
  accessTokenProfile,
  ALGORITHMS,
  createRemoteKeys,
  createVerifier,
  decodeUnverified,
  isAlgorithm,
} from '@sealgate/jwt';
import type { Accepted, Algorithm, Key, Outcome, RemoteKeys, RemoteKeysOptions, TokenRules } from '@sealgate/jwt';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { importJwks, importSignatureKey } from '../keys/import-key-source.ts';
import { safeJson, safeText } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { renderMembers } from './render-members.ts';
import { renderRefusal } from './render-refusal.ts';
import { readToken } from './token-input.ts';
import { parseKeyOptions, parseVerifyOptions } from './verify-options.ts';
import type { RawVerifyOptions, VerifyOptions } from './verify-options.ts';
import { verifySignatureCommand } from './verify-signature.ts';

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function verifyCommand(
  argument: string | undefined,
  raw: RawVerifyOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if (raw.signatureOnly === true) {
    const options = parseKeyOptions(raw);
    return verifySignatureCommand(await readToken(argument, io), options, io);
  }
  const options = parseVerifyOptions(raw, io.nowSeconds());
  const token = await readToken(argument, io);
  const outcome = await check(token, options, io);
  if (outcome.ok) {
    io.stdout(options.json ? renderJson(outcome, options) : renderText(outcome, options, io));
    return EXIT.yes;
  }
  if (outcome.error.code === 'keys_unavailable') {
    // Neither yes nor no: nobody knows.
    throw new CommandError('input_unreadable', `${outcome.error.message}; ${outcome.error.remedy}`);
  }
  io.stdout(renderRefusal(outcome.error, options.json, 'not valid', styleFor(io)));
  return EXIT.no;
}

async function check(token: string, options: VerifyOptions, io: CommandIo): Promise<Outcome> {
  const { keysFrom, algorithms } = options;
  if (keysFrom.kind === 'key') {
    const [algorithm, ...more] = algorithms ?? [];
    const named = more.length === 0 ? algorithm : undefined;
    return checkLocally(token, [await importSignatureKey(keysFrom.options, named, io)], options);
  }
  if (keysFrom.kind === 'jwks-file') {
    return checkLocally(token, await importJwks(keysFrom.file, algorithms, io), options);
  }
  const keys = openRemoteKeys(keysFrom.kind === 'discovery' ? { issuer: keysFrom.issuer } : { jwksUri: keysFrom.url });
  try {
    const rules = rulesFor(token, options, algorithms ?? ASYMMETRIC);
    return await createVerifier({ ...rules, keys, now: () => options.nowSeconds }).check(token);
  } finally {
    keys.close();
  }
}

function openRemoteKeys(from: RemoteKeysOptions): RemoteKeys {
  try {
    return createRemoteKeys(from);
  } catch (error) {
    // An address that no key may come from: not a URL, or http beyond this machine.
    if (error instanceof TypeError) throw new CommandError('argument_invalid', error.message);
    throw error;
  }
}

function checkLocally(token: string, keys: readonly Key[], options: VerifyOptions): Outcome {
  const algorithms = options.algorithms ?? [...new Set(keys.map((key) => key.alg))];
  return createVerifier({ ...rulesFor(token, options, algorithms), keys, now: () => options.nowSeconds }).check(token);
}

/** A shared secret is never fetched, so that only these can come from an address. */
const ASYMMETRIC: readonly Algorithm[] = Object.keys(ALGORITHMS)
  .filter(isAlgorithm)
  .filter((name) => ALGORITHMS[name].family !== 'hmac');

function rulesFor(token: string, options: VerifyOptions, algorithms: readonly Algorithm[]): Omit<TokenRules, 'keys'> {
  const { issuer, clockSkewSeconds, typ } = options;
  const audience = options.audience === 'any' ? audienceOf(token) : options.audience;
  const rules = { issuer, audience, algorithms, clockSkewSeconds };
  if (typ === 'at+jwt') {
    const { keys: _, ...profile } = accessTokenProfile({ ...rules, keys: [] });
    return profile;
  }
  return typ.toLowerCase() === 'jwt' ? rules : { ...rules, typ };
}

/** What the token itself names, for `--no-audience`: the rule that there must be one still holds. */
function audienceOf(token: string): readonly string[] {
  try {
    const { aud } = decodeUnverified(token).claims;
    const named = [aud].flat().filter((name) => typeof name === 'string' && name !== '');
    if (named.length > 0) return named as string[];
  } catch {
    // The verifier will say what is wrong with it.
  }
  return ['(none)'];
}

/** What a yes leaves open. */
function uncheckedBy({ audience }: VerifyOptions): readonly string[] {
  return [...(audience === 'any' ? ['audience'] : []), 'revocation'];
}

function renderText({ claims, header, kid }: Accepted, options: VerifyOptions, io: CommandIo): string {
  const style = styleFor(io);
  const members = renderMembers(claims, { nowSeconds: options.nowSeconds, style, columns: io.columns });
  return (
    `${style.good('valid')}\n\n${members}\n` +
    `Signed with ${safeText(header.alg)}${kid === undefined ? '' : ` by the key ${safeText(kid)}`}. ` +
    `Not checked: ${uncheckedBy(options).join(', ')} (revocation only the issuer knows).\n`
  );
}

function renderJson({ header, claims, kid, expiresAtSeconds }: Accepted, options: VerifyOptions): string {
  const unchecked = uncheckedBy(options);
  return `${safeJson({ valid: true, header, claims, kid, expires_at: expiresAtSeconds, unchecked })}\n`;
}
