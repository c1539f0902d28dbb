/** The members of a header or payload, each with its value, what it means and where that is defined. */
import type { JsonNode } from '../model/json-scan.ts';
import { claimMeaning, parameterMeaning } from '../strings/claims.ts';
import { t } from '../strings/page.ts';
import { SourceLink } from './source-link.tsx';
import { type TimeView, Value } from './value.tsx';

const MAXIMUM_ROWS = 200;

export function ClaimTable({
  caption,
  node,
  kind,
  time,
}: {
  readonly caption: string;
  readonly node: JsonNode;
  readonly kind: 'claims' | 'parameters';
  readonly time: TimeView;
}) {
  if (node.type !== 'object') return <Value name="" node={node} time={time} />;
  return (
    <table className="claims">
      <caption className="hidden">{caption}</caption>
      <colgroup>
        <col className="column-name" />
        <col />
        <col className="column-meaning" />
      </colgroup>
      <thead className="hidden">
        <tr>
          <th scope="col">{t.table.name}</th>
          <th scope="col">{t.table.value}</th>
          <th scope="col">{t.table.meaning}</th>
        </tr>
      </thead>
      <tbody>
        {node.members.slice(0, MAXIMUM_ROWS).map(({ name, value, repeated }, index) => {
          const meaning = kind === 'claims' ? claimMeaning(name) : parameterMeaning(name);
          const unknown = kind === 'claims' ? t.privateClaim : t.unknownParameter;
          return (
            <tr key={`${index} ${name}`} className={repeated ? 'row-repeated' : undefined}>
              <th scope="row">{name === '' ? '""' : name.slice(0, 200)}</th>
              <td className="cell-value">
                <Value name={name} node={value} time={time} />
              </td>
              <td className="cell-meaning">
                <span>{meaning?.text ?? unknown}</span> <SourceLink source={meaning?.source} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
