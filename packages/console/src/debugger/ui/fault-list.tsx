/** What is wrong with a token: each fault with its explanation, and a way to its place in the token. */
import type { Fault, Span } from '../model/fault.ts';
import { faultText } from '../strings/faults.ts';
import { t } from '../strings/page.ts';
import { SourceLink } from './source-link.tsx';

const MAXIMUM_SHOWN = 25;

export function FaultList({
  faults,
  onShow,
}: {
  readonly faults: readonly Fault[];
  readonly onShow?: (span: Span) => void;
}) {
  return (
    <ul className="faults">
      {faults.slice(0, MAXIMUM_SHOWN).map((fault, index) => {
        const { title, detail, source } = faultText(fault.code, fault.data);
        const { span } = fault;
        return (
          <li
            key={`${fault.code} ${span?.start ?? index} ${index}`}
            className={`fault tone-${fault.severity}`}
            data-code={fault.code}
          >
            <span aria-hidden="true" className="sign" />
            <div className="fault-text">
              <p className="fault-title">
                <span className="hidden">{t.faults.severities[fault.severity]}: </span>
                {title}
              </p>
              <p className="fault-detail">{detail}</p>
              <p className="fault-foot">
                <SourceLink source={source} />
                {span !== undefined && span.end > span.start && onShow !== undefined && (
                  <button type="button" className="link" onClick={() => onShow(span)}>
                    {t.faults.show}
                    <span className="hidden">: {title}</span>
                  </button>
                )}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
