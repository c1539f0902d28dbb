/** The page: a bar, four views, and the state they share. Tokens and keys live here, in memory, and nowhere else. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { HandedOver } from '../address.ts';
import { type ExampleKind, makeExample } from '../crypto/examples.ts';
import { systemRandom } from '../crypto/generate.ts';
import type { PageForm } from '../form.ts';
import { usePreferences } from '../preferences.ts';
import { t } from '../strings/page.ts';
import { CompareView } from './compare-view.tsx';
import { GenerateView, keyTextOf } from './generate-view.tsx';
import { InspectView } from './inspect-view.tsx';
import type { KeyInput } from './key-field.tsx';
import { RefusalView } from './refusal-view.tsx';
import { TopBar } from './top-bar.tsx';
import { useNow } from './use-now.ts';

const VIEWS = ['inspect', 'compare', 'generate', 'refusal'] as const;
type View = (typeof VIEWS)[number];

/** The first example: what most readers will have in their hands. */
const EXAMPLE = {
  algorithm: 'ES256',
  management: 'ECDH-ES+A256KW',
  encryption: 'A256GCM',
  curve: 'P-256',
  lifeSeconds: 600,
} as const;

export function App({ form, initial }: { readonly form: PageForm; readonly initial: HandedOver }) {
  const [view, setView] = useState<View>('inspect');
  const [token, setToken] = useState(initial.token);
  const [key, setKey] = useState<KeyInput>({ text: initial.key, encoding: 'utf8' });
  const [pair, setPair] = useState<readonly [string, string]>(['', '']);
  const [preferences, setPreferences] = usePreferences();
  const nowSeconds = useNow();
  const tokenRef = useRef<HTMLTextAreaElement>(null);
  const keyRef = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey) return;
      const chosen = VIEWS[Number(/^Digit([1-4])$/u.exec(event.code)?.[1]) - 1];
      const field = event.code === 'KeyT' ? tokenRef : event.code === 'KeyK' ? keyRef : undefined;
      if (chosen === undefined && field === undefined) return;
      event.preventDefault();
      setView(chosen ?? 'inspect');
      // The view may have to be drawn before its field can take the focus.
      if (field?.current) field.current.focus();
      else if (field !== undefined) requestAnimationFrame(() => field.current?.focus());
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);

  const show = useCallback((nextToken: string, keyText: string) => {
    setToken(nextToken);
    setKey({ text: keyText, encoding: 'utf8' });
    setView('inspect');
  }, []);
  const changeSkew = useCallback((skewSeconds: number) => setPreferences({ skewSeconds }), [setPreferences]);
  // The bar does not depend on what is pasted: drawn once, not with every token.
  const bar = useMemo(
    () => (
      <TopBar form={form} preferences={preferences} onChange={setPreferences}>
        <TabList className="tabs" aria-label={t.title}>
          {VIEWS.map((each) => (
            <Tab key={each} id={each} className="tab">
              {t.tabs[each]}
            </Tab>
          ))}
        </TabList>
      </TopBar>
    ),
    [form, preferences, setPreferences],
  );
  const showExample = async (kind: ExampleKind) => {
    const example = await makeExample({ ...EXAMPLE, kind, nowSeconds, random: systemRandom });
    show(example.token, keyTextOf(example));
  };

  return (
    <Tabs
      className="page"
      selectedKey={view}
      onSelectionChange={(chosen) => setView(VIEWS.find((each) => each === chosen) ?? 'inspect')}
    >
      {bar}
      <main className="main" id="main">
        <TabPanel id="inspect" className="panel">
          <InspectView
            form={form}
            token={token}
            keyInput={key}
            preferences={preferences}
            nowSeconds={nowSeconds}
            tokenRef={tokenRef}
            keyRef={keyRef}
            onToken={setToken}
            onKey={setKey}
            onSkew={changeSkew}
            onExample={(kind) => void showExample(kind)}
          />
        </TabPanel>
        <TabPanel id="compare" className="panel">
          <CompareView
            left={pair[0]}
            right={pair[1]}
            inspected={token}
            time={{ nowSeconds, format: preferences.times }}
            onChange={(left, right) => setPair([left, right])}
          />
        </TabPanel>
        <TabPanel id="generate" className="panel">
          <GenerateView nowSeconds={nowSeconds} onInspect={show} />
        </TabPanel>
        <TabPanel id="refusal" className="panel">
          <RefusalView form={form} token={token} tokenRef={tokenRef} onToken={setToken} />
        </TabPanel>
      </main>
      <footer className="footer">{t.footer}</footer>
    </Tabs>
  );
}
