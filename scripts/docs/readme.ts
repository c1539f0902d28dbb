/** The README's walk: the text between its two markers, from the one place that also prints and runs it. */
import { renderWalkMarkdown } from '../../packages/sealgate/src/demo/walk.ts';

const BEGIN = '<!-- walk:begin (generated from packages/sealgate/src/demo/walk.ts) -->';
const END = '<!-- walk:end -->';

/** The README with the walk as it is now. @throws {Error} when a marker is missing. */
export function renderReadme(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`README.md needs the markers ${BEGIN} and ${END}`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${renderWalkMarkdown()}\n\n${readme.slice(end)}`;
}
