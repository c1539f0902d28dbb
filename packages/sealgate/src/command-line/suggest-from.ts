/** The end of a complaint about a name: what was probably meant. */
import { suggestName } from '@sealgate/service/plain';

export function suggestFrom(given: string, known: readonly string[]): string {
  const near = suggestName(given, known);
  return near === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${near}"?`;
}
