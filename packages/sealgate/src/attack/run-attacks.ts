/**
 * Tries one attack after the other. After each, the valid token must still be accepted: if it has expired, or the API is down or limits the
 * rate, every later refusal would look like a virtue.
 */
import type { Attack, Probe } from './attack.ts';
import { anySignature } from './attacks/t01-unsigned.ts';
import type { OpenLab } from './open-lab.ts';
import { bearer, tryRequest } from './probes.ts';
import type { AttackResult, ProbeResult, RunResult, Verdict } from './result.ts';

/** @param onResult - Called as soon as each attack is over. */
export async function runAttacks(
  lab: OpenLab,
  attacks: readonly Attack[],
  onResult: (result: AttackResult) => void,
): Promise<RunResult> {
  const { scene } = lab;
  const started = performance.now();
  const unchecked = (await anySignature(scene).attempt(lab)).outcome === 'accepted';
  const results: AttackResult[] = [];
  let interrupted: string | undefined;
  for (const attack of attacks) {
    const result =
      interrupted === undefined ? await runAttack(lab, attack, unchecked) : notTried(attack, 'the run was interrupted');
    results.push(result);
    onResult(result);
    if (interrupted === undefined && attack.endsToken !== true && result.probes.length > 0) {
      interrupted = await interruption(lab, attack);
    }
  }
  return {
    target: `${scene.origin}${scene.target.replace(/\?.*$/u, '')}`,
    thumbprint: scene.subject.thumbprint,
    results,
    requests: lab.requests(),
    seconds: (performance.now() - started) / 1000,
    ...(interrupted === undefined ? {} : { interrupted }),
  };
}

async function runAttack(lab: OpenLab, attack: Attack, unchecked: boolean): Promise<AttackResult> {
  if (unchecked && attack.forges === true) return notTried(attack, 'no signature is checked at all: see T1');
  const probes = attack.probes(lab.scene);
  if (probes.length === 0) return notTried(attack, `needs ${attack.needs ?? 'nothing that this token has'}`);
  const started = performance.now();
  const tried: ProbeResult[] = [];
  for (const probe of probes) tried.push(await runProbe(lab, probe));
  return { attack, verdict: verdictOf(tried), probes: tried, seconds: (performance.now() - started) / 1000 };
}

async function runProbe(lab: OpenLab, { name, attempt }: Probe): Promise<ProbeResult> {
  return { name, ...(await attempt(lab)) };
}

function verdictOf(probes: readonly ProbeResult[]): Verdict {
  if (probes.some(({ outcome }) => outcome === 'accepted')) return 'found';
  return probes.every(({ outcome }) => outcome === 'refused') ? 'withstood' : 'unclear';
}

function notTried(attack: Attack, reason: string): AttackResult {
  return { attack, verdict: 'not tried', reason, probes: [], seconds: 0 };
}

async function interruption(lab: OpenLab, { id }: Attack): Promise<string | undefined> {
  const { target, subject } = lab.scene;
  const { outcome, note } = await tryRequest(lab, { target, headers: [bearer(subject.token)] });
  if (outcome === 'accepted') return undefined;
  const reason = note === undefined ? 'it may have expired' : note;
  return `after ${id} the valid token was no longer accepted (${reason}); take a fresh token, or look at the API`;
}
