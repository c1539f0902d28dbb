/** Asks for a key set at an address, when the button is pressed. Shown in the served form alone. */
import { useState } from 'react';
import { Button, Disclosure, DisclosurePanel, Heading, Input, Label, TextField } from 'react-aria-components';
import { readKeyText } from '../crypto/key-text.ts';
import { type LookupFailure, lookUpKeySet } from '../lookup.ts';
import { t } from '../strings/page.ts';
import { Callout } from './controls.tsx';

type State = 'idle' | 'busy' | LookupFailure | { readonly found: number };

export function LookupPanel({
  suggestion,
  onFound,
}: {
  readonly suggestion: string;
  readonly onFound: (keySet: string) => void;
}) {
  const [address, setAddress] = useState<string>();
  const [state, setState] = useState<State>('idle');
  const value = address ?? suggestion;
  const look = async () => {
    setState('busy');
    const result = await lookUpKeySet(value, (input, init) => fetch(input, init));
    if ('failure' in result) setState(result.failure);
    else {
      setState({ found: readKeyText(result.keySet).keys.length });
      onFound(result.keySet);
    }
  };
  return (
    <Disclosure className="lookup">
      <Heading level={3} className="lookup-head">
        <Button slot="trigger" className="link">
          {t.key.lookup}
        </Button>
      </Heading>
      <DisclosurePanel className="lookup-panel">
        <form
          className="lookup-form"
          onSubmit={(event) => {
            event.preventDefault();
            void look();
          }}
        >
          <TextField className="text-field" value={value} onChange={setAddress}>
            <Label className="field-label">{t.key.lookupLabel}</Label>
            <Input className="text-input" placeholder="https://" spellCheck="false" autoComplete="off" />
          </TextField>
          <Button type="submit" className="button" isDisabled={state === 'busy' || value.trim() === ''}>
            {state === 'busy' ? t.key.lookupBusy : t.key.lookupButton}
          </Button>
        </form>
        <p className="remark">{t.key.lookupDetail}</p>
        <div aria-live="polite">
          {typeof state === 'object' && <Callout tone="good" title={t.key.lookupFound(state.found)} />}
          {typeof state === 'string' && state !== 'idle' && state !== 'busy' && (
            <Callout tone="warning" title={t.key.lookupFailures[state]} />
          )}
        </div>
      </DisclosurePanel>
    </Disclosure>
  );
}
