/** What the gateway says of a request: the verdict, what would have to change, and every rule in order. */
import type { Explained, Step } from '../gateway.ts';
import { RULES, r } from '../strings/refusal.ts';
import { Callout, Card } from './controls.tsx';
import { SourceLink } from './source-link.tsx';

/** The verdict alone: what is announced when it comes. */
export function RefusalVerdict({ explained }: { readonly explained: Explained }) {
  const { allow, status, code, method, path, route, upstream } = explained;
  const target = upstream === undefined ? '' : `, ${r.upstream(upstream)}`;
  return (
    <Callout tone={allow ? 'good' : 'error'} title={allow ? r.allowed : r.refused(status, code)}>
      <p className="request">
        <span className="request-method">{method}</span>
        <span className="request-url">{path}</span>
      </p>
      <p>{route === undefined ? r.noRoute : `${r.route} “${route}”${target}`}</p>
    </Callout>
  );
}

export function RefusalReasons({ explained }: { readonly explained: Explained }) {
  const { steps, changes, notReached } = explained;
  const decided = steps.findIndex(({ passed }) => !passed);
  return (
    <>
      {changes.length > 0 && (
        <Card title={r.changes}>
          <ul className="changes pad">
            {changes.map((change, index) => (
              <li key={`${index} ${change}`}>{sentence(change)}</li>
            ))}
          </ul>
        </Card>
      )}
      <Card title={r.rules}>
        <ol className="rules pad">
          {steps.map((step, index) => (
            <Rule key={`${index} ${step.rule}`} step={step} isDecisive={index === decided} />
          ))}
        </ol>
        {notReached.length > 0 && (
          <p className="remark pad rules-rest">
            {r.notReached} {notReached.map((rule) => RULES[rule] ?? rule).join(', ')}
          </p>
        )}
      </Card>
    </>
  );
}

function Rule({ step, isDecisive }: { readonly step: Step; readonly isDecisive: boolean }) {
  const { rule, passed, why, source } = step;
  return (
    <li className={`rule tone-${passed ? 'good' : 'error'}`} data-rule={rule} data-passed={passed}>
      <span aria-hidden="true" className="sign" />
      <div>
        <p className="rule-name">
          {RULES[rule] ?? rule}
          <span className="hidden">: {passed ? r.passed : r.failed}</span>
          {isDecisive && <span className="rule-decided">{r.decided}</span>}
        </p>
        <p className="rule-why">
          {sentence(why)} <SourceLink source={source} />
        </p>
      </div>
    </li>
  );
}

/** The gateway writes halves of sentences: here they stand alone. Names of claims stay as they are. */
function sentence(text: string): string {
  const begin = /^[a-z_]+,/u.test(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?)]$/u.test(begin) ? begin : `${begin}.`;
}
