/**
 * The life of a token as a line: when it was issued, from when and until when it is valid, and where now is, with the skew a
 * verifier allows (RFC 7519 sections 4.1.4 to 4.1.6).
 *
 * Positions are schematic: a life of ten minutes that ended three years ago must still be seen, so a long gap is drawn shorter than
 * it is, and each gap carries its length.
 */
import type { JsonNode } from './json-scan.ts';
import { numberMember } from './json-value.ts';
import { isTime } from './time.ts';

export type MarkName = 'iat' | 'nbf' | 'exp' | 'now';
export type Validity = 'valid' | 'valid-by-skew' | 'not-yet' | 'expired' | 'unlimited' | 'impossible';

export interface Mark {
  readonly names: readonly MarkName[];
  readonly seconds: number;
  /** From 0 to 1, from left to right. */
  readonly position: number;
}

export interface Timeline {
  readonly validity: Validity;
  readonly marks: readonly Mark[];
  /** Between neighbouring marks. */
  readonly gaps: readonly {
    readonly from: number;
    readonly to: number;
    readonly seconds: number;
    readonly valid: boolean;
  }[];
  /** Seconds until it expires; negative if it has. `undefined` without `exp`. */
  readonly remainingSeconds: number | undefined;
  /** From `iat` or `nbf` to `exp`. */
  readonly lifeSeconds: number | undefined;
}

/** The line for a payload's claims, or `undefined` if they name no time. */
export function layTimeline(
  payload: JsonNode | undefined,
  nowSeconds: number,
  skewSeconds: number,
): Timeline | undefined {
  const times: [MarkName, number][] = [];
  for (const name of ['iat', 'nbf', 'exp'] as const) {
    const seconds = numberMember(payload, name);
    if (seconds !== undefined && isTime(seconds)) times.push([name, seconds]);
  }
  if (times.length === 0) return undefined;
  times.push(['now', Math.floor(nowSeconds)]);
  const read = (wanted: MarkName) => times.find(([name]) => name === wanted)?.[1];
  const [iat, nbf, exp] = [read('iat'), read('nbf'), read('exp')];
  const start = nbf ?? iat;
  const marks = placeMarks(times);
  const gaps = marks.slice(1).map((mark, index) => {
    const before = marks[index] ?? mark;
    const valid = before.seconds >= (start ?? -Infinity) && mark.seconds <= (exp ?? Infinity);
    return { from: before.position, to: mark.position, seconds: mark.seconds - before.seconds, valid };
  });
  return {
    validity: judge(nbf, exp, nowSeconds, skewSeconds),
    marks,
    gaps,
    remainingSeconds: exp === undefined ? undefined : exp - Math.floor(nowSeconds),
    lifeSeconds: exp === undefined || start === undefined ? undefined : exp - start,
  };
}

/** `nbf - skew <= now < exp + skew` is valid; by the skew alone is said apart. */
function judge(nbf: number | undefined, exp: number | undefined, now: number, skew: number): Validity {
  if (nbf !== undefined && exp !== undefined && exp <= nbf) return 'impossible';
  if (nbf !== undefined && now < nbf) return now >= nbf - skew ? 'valid-by-skew' : 'not-yet';
  if (exp === undefined) return 'unlimited';
  if (now < exp) return 'valid';
  return now < exp + skew ? 'valid-by-skew' : 'expired';
}

function placeMarks(times: readonly (readonly [MarkName, number])[]): Mark[] {
  const sorted = times.toSorted((a, b) => a[1] - b[1]);
  const groups: { names: MarkName[]; seconds: number }[] = [];
  for (const [name, seconds] of sorted) {
    const last = groups.at(-1);
    if (last?.seconds === seconds) last.names.push(name);
    else groups.push({ names: [name], seconds });
  }
  const lengths = groups.slice(1).map((group, index) => group.seconds - (groups[index]?.seconds ?? 0));
  const longest = Math.max(1, ...lengths);
  // Between 18 % and 100 % of the longest gap, so that labels have room and order of length is kept.
  const drawn = lengths.map((length) => 0.18 + 0.82 * Math.sqrt(length / longest));
  const total = drawn.reduce((sum, length) => sum + length, 0) || 1;
  let position = 0;
  return groups.map((group, index) => {
    if (index > 0) position += (drawn[index - 1] ?? 0) / total;
    return { names: group.names, seconds: group.seconds, position: groups.length === 1 ? 0.5 : position };
  });
}
