/** Cuts a text into runs of equal style, from marks that may overlap. */

export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly className: string;
}

export interface Segment {
  readonly start: number;
  readonly text: string;
  /** The classes of all marks that cover the run. */
  readonly className: string;
}

const MAXIMUM_MARKS = 2000;

export function segmentText(text: string, marks: readonly Mark[]): Segment[] {
  const used = marks.slice(0, MAXIMUM_MARKS).filter(({ start, end }) => start < end && start < text.length);
  const opens = Map.groupBy(used, ({ start }) => start);
  const closes = Map.groupBy(used, ({ end }) => Math.min(end, text.length));
  const cuts = [...new Set([0, ...opens.keys(), ...closes.keys(), text.length])].sort((a, b) => a - b);
  const active = new Set<Mark>();
  return cuts.slice(0, -1).map((start, index) => {
    for (const mark of closes.get(start) ?? []) active.delete(mark);
    for (const mark of opens.get(start) ?? []) active.add(mark);
    const className = Array.from(active, (mark) => mark.className).join(' ');
    return { start, text: text.slice(start, cuts[index + 1]), className };
  });
}
