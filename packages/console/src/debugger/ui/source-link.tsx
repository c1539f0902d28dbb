/** A citation; an RFC's leads to the RFC when the reader follows it, in a tab of its own and without telling where from. */
import { sourceAddress } from '../strings/claims.ts';

export function SourceLink({ source }: { readonly source: string | undefined }) {
  if (source === undefined) return null;
  const address = sourceAddress(source);
  const short = source.replace(' section ', ' § ').replace(' appendix ', ' app. ');
  if (address === undefined) return <span className="source">{short}</span>;
  return (
    <a className="source" href={address} target="_blank" rel="noopener noreferrer">
      {short}
    </a>
  );
}
