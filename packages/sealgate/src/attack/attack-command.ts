/**
 * `sealgate attack`: which requests does an API of one's own accept that it should not? Exit code 0: none was found, 1: some, 2: the question
 * was wrong, or the answers cannot be told apart.
 */
import { CommandError, misuse } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { parseAttackOptions } from './attack-options.ts';
import type { RawAttackOptions } from './attack-options.ts';
import type { Scene } from './attack.ts';
import { keySigner, forge } from './forge.ts';
import { loadGiven } from './load-given.ts';
import { openLab } from './open-lab.ts';
import type { OpenLab } from './open-lab.ts';
import { bearer, tryRequest } from './probes.ts';
import { renderJson } from './report/json.ts';
import { renderJunit } from './report/junit.ts';
import { assertWritable, writeReport } from './report/report-file.ts';
import { renderSarif } from './report/sarif.ts';
import { createTextReport } from './report/text.ts';
import { withVerdict } from './result.ts';
import { runAttacks } from './run-attacks.ts';
import { readTokenOption } from './token-option.ts';
import { parseSubject } from './subject.ts';

/** @throws {CommandError} */
export async function attackCommand(address: string, raw: RawAttackOptions, io: CommandIo): Promise<ExitCode> {
  const options = parseAttackOptions(address, raw);
  const { junit, sarif, json = false } = raw;
  for (const file of [junit, sarif]) if (file !== undefined) assertWritable(file);
  const subject = parseSubject(await readTokenOption('--token', raw.token, io), '--token');
  const given = await loadGiven(raw, options, io);
  const lab = await openLab({ options, subject, given, nowSeconds: io.nowSeconds() });
  try {
    await assertSigningKey(lab);
    const text = createTextReport(io);
    if (!json) io.stdout(text.head(lab.scene));
    const run = await runAttacks(lab, options.attacks, (result) => {
      if (!json) io.stdout(text.row(result));
    });
    io.stdout(json ? renderJson(run) : text.end(run));
    if (junit !== undefined) writeReport(junit, renderJunit(run));
    if (sarif !== undefined) writeReport(sarif, renderSarif(run));
    if (withVerdict(run, 'found').length > 0) return EXIT.no;
    if (run.interrupted !== undefined) throw new CommandError('cannot_judge', `cannot judge: ${run.interrupted}`);
    return EXIT.yes;
  } finally {
    lab.close();
  }
}

/** The signing key must make what the API accepts, or no signed variant means anything. */
async function assertSigningKey(lab: OpenLab): Promise<void> {
  const again = signedAgain(lab.scene);
  if (again === undefined) return;
  const { outcome } = await tryRequest(lab, { target: lab.scene.target, headers: [bearer(again)] });
  if (outcome === 'accepted') return;
  throw misuse('--signing-key: the API refuses the same token signed again with it; is it the key of this token?');
}

function signedAgain({ given: { signingKey }, subject }: Scene): string | undefined {
  if (signingKey === undefined) return undefined;
  const signer = keySigner(subject.alg, signingKey);
  if (signer !== undefined) return forge(subject.header, subject.claims, signer);
  throw misuse(`--signing-key: no key for the algorithm of the token, ${JSON.stringify(subject.alg)}`);
}
