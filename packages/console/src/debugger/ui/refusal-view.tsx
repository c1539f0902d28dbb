/** “Why refused?”: a token and a request, judged by the gateway that serves this page. The other forms of the page say where to find it. */
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { Button, Input, Label, TextArea, TextField } from 'react-aria-components';
import {
  type AskFailure,
  type Explained,
  type Route,
  askRoutes,
  askWhy,
  parseHeaderLines,
  sampleRequest,
} from '../gateway.ts';
import type { PageForm } from '../form.ts';
import { inspect } from '../model/inspect.ts';
import { r } from '../strings/refusal.ts';
import { Callout, Card, Pick } from './controls.tsx';
import { RefusalReasons, RefusalVerdict } from './refusal-answer.tsx';
import { TokenCard } from './token-card.tsx';

interface RefusalViewProps {
  readonly form: PageForm;
  readonly token: string;
  readonly tokenRef: RefObject<HTMLTextAreaElement | null>;
  readonly onToken: (token: string) => void;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** No route has this name: names say methods and path, or are the operator's own words. */
const ANY_ROUTE = '*';

/** The page itself never uses the network; this view is handed the browser's. */
const browserFetch: typeof fetch = (input, init) => fetch(input, init);

export function RefusalView(props: RefusalViewProps) {
  return props.form === 'gateway' ? <Asking {...props} /> : <Elsewhere />;
}

function Elsewhere() {
  return (
    <Card title={r.elsewhere} className="elsewhere">
      <div className="stack pad">
        <p>{r.elsewhereDetail}</p>
        <p className="mono">{r.elsewhereAddress}</p>
        <p className="remark">{r.elsewhereNote}</p>
      </div>
    </Card>
  );
}

function Asking({ token, tokenRef, onToken }: RefusalViewProps) {
  const [adminToken, setAdminToken] = useState('');
  const [routes, setRoutes] = useState<readonly Route[] | AskFailure>([]);
  const [answer, setAnswer] = useState<Answer>();
  const answerRef = useRef<HTMLDivElement>(null);
  const [request, setRequest] = useState({ route: ANY_ROUTE, method: 'GET', url: '/', headers: '' });
  const [choice, setChoice] = useState(0);
  const inspection = useMemo(() => inspect(token, choice), [token, choice]);
  const known = 'failure' in routes ? [] : routes;
  const isAdminTokenWanted = adminToken !== '' || 'failure' in routes || isRefusedToAsk(answer);

  useEffect(() => {
    const read = async () => setRoutes(await askRoutes('', browserFetch));
    void read();
  }, []);
  // Where the columns stand one below the other, the answer would come out of sight.
  useEffect(() => {
    if (typeof answer === 'object') answerRef.current?.scrollIntoView({ block: 'nearest' });
  }, [answer]);

  const change = (part: Partial<typeof request>) => {
    setRequest({ ...request, ...part });
    setAnswer(undefined);
  };
  const chooseRoute = (name: string) => {
    const route = known.find((each) => each.name === name);
    change({ route: name, ...(route === undefined ? {} : sampleRequest(route)) });
  };
  const why = async () => {
    setAnswer('busy');
    if ('failure' in routes) setRoutes(await askRoutes(adminToken, browserFetch));
    const sent = inspection.located?.token ?? token.trim();
    const { method, url, headers } = request;
    setAnswer(await askWhy({ token: sent, method, url, headers: parseHeaderLines(headers) }, adminToken, browserFetch));
  };

  return (
    <div className="inspect">
      <div className="column column-token">
        <TokenCard
          inspection={inspection}
          choice={choice}
          fieldRef={tokenRef}
          onChange={(text) => {
            setAnswer(undefined);
            onToken(text);
          }}
          onChoose={setChoice}
        />
        <Card title={r.question} className="question">
          <form
            className="stack pad"
            onSubmit={(event) => {
              event.preventDefault();
              void why();
            }}
          >
            <p className="remark">{r.intro}</p>
            <Pick
              label={r.route}
              value={request.route}
              groups={[{ options: [ANY_ROUTE, ...known.map(({ name }) => name)] }]}
              names={Object.fromEntries([[ANY_ROUTE, r.anyRoute], ...known.map(({ name }) => [name, name])])}
              onChange={chooseRoute}
            />
            <div className="request-line">
              <Pick
                label={r.method}
                value={request.method}
                groups={[
                  { options: METHODS.some((each) => each === request.method) ? METHODS : [...METHODS, request.method] },
                ]}
                onChange={(method) => change({ method })}
              />
              <TextField className="text-field" value={request.url} onChange={(url) => change({ url })}>
                <Label className="field-label">{r.url}</Label>
                <Input className="text-input mono" spellCheck="false" autoComplete="off" />
              </TextField>
            </div>
            <TextField className="text-field" value={request.headers} onChange={(headers) => change({ headers })}>
              <Label className="field-label">{r.headers}</Label>
              <TextArea
                className="key-input"
                rows={2}
                placeholder={r.headersPrompt}
                spellCheck="false"
                autoComplete="off"
              />
            </TextField>
            {isAdminTokenWanted && (
              <TextField className="text-field" type="password" value={adminToken} onChange={setAdminToken}>
                <Label className="field-label">{r.adminToken}</Label>
                <Input className="text-input" autoComplete="off" />
                <p className="remark">{r.adminTokenDetail}</p>
              </TextField>
            )}
            <Button
              type="submit"
              className="button primary"
              isDisabled={answer === 'busy' || request.url.trim() === ''}
            >
              {answer === 'busy' ? r.busy : r.button}
            </Button>
          </form>
        </Card>
      </div>
      <div className="column">
        <div role="status" className="refusal-verdict" ref={answerRef}>
          <Said answer={answer} />
        </div>
        {isExplained(answer) && <RefusalReasons explained={answer} />}
      </div>
    </div>
  );
}

type Answer = Explained | AskFailure | 'busy' | undefined;

function Said({ answer }: { readonly answer: Answer }) {
  if (isExplained(answer)) return <RefusalVerdict explained={answer} />;
  if (answer === undefined || answer === 'busy') {
    return <p className="remark refusal-waiting">{answer === 'busy' ? r.busy : r.waiting}</p>;
  }
  const title = answer.failure === 'question' ? r.invalid : r.failures[answer.failure];
  return (
    <Callout tone="warning" title={title}>
      {answer.failure === 'question' && answer.detail}
    </Callout>
  );
}

const isExplained = (answer: Answer): answer is Explained => typeof answer === 'object' && 'steps' in answer;

const isRefusedToAsk = (answer: Answer): boolean =>
  typeof answer === 'object' && 'failure' in answer && answer.failure === 'admin-token';
