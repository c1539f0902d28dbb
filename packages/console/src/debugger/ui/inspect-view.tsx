/** The main view: a token on one side, what it says on the other. */
import { type RefObject, useCallback, useMemo, useState } from 'react';
import { Button } from 'react-aria-components';
import type { ExampleKind } from '../crypto/examples.ts';
import { type KeyReading, keyItem, readKeyText } from '../crypto/key-text.ts';
import type { PageForm } from '../form.ts';
import { readDpopProof } from '../model/dpop.ts';
import { type Inspection, inspect } from '../model/inspect.ts';
import { stringMember } from '../model/json-value.ts';
import { recogniseProfile } from '../model/profile.ts';
import type { Preferences } from '../preferences.ts';
import { DECRYPTION_FAILURES } from '../strings/keys.ts';
import { t } from '../strings/page.ts';
import { Contents, type Draft } from './contents.tsx';
import { Callout, Card, type Tone } from './controls.tsx';
import { EditBar, editedParts, isEdited, signEdited } from './edit-bar.tsx';
import { KeyField, type KeyInput } from './key-field.tsx';
import { LookupPanel } from './lookup-panel.tsx';
import { Nested } from './nested-card.tsx';
import { Summary, summaryVerdict } from './summary.tsx';
import { TokenCard } from './token-card.tsx';
import { useDecryption, useVerification } from './use-verification.ts';
import { VerificationResult } from './verification-result.tsx';

interface InspectViewProps {
  readonly form: PageForm;
  readonly token: string;
  readonly keyInput: KeyInput;
  readonly preferences: Preferences;
  readonly nowSeconds: number;
  readonly tokenRef: RefObject<HTMLTextAreaElement | null>;
  readonly keyRef: RefObject<HTMLTextAreaElement | null>;
  readonly onToken: (token: string) => void;
  readonly onKey: (input: KeyInput) => void;
  readonly onSkew: (seconds: number) => void;
  readonly onExample: (kind: ExampleKind) => void;
}

const NOTHING_EDITED: Draft = {};

export function InspectView(props: InspectViewProps) {
  const { token, keyInput, preferences, nowSeconds, onToken, onKey } = props;
  const [choice, setChoice] = useState(0);
  const [draft, setDraft] = useState<{ readonly of: string; readonly draft: Draft }>({ of: '', draft: {} });
  const [said, setSaid] = useState('');
  const inspection = useMemo(() => inspect(token, choice), [token, choice]);
  const given = useMemo(() => readKeyText(keyInput.text, keyInput.encoding), [keyInput]);
  const reading = useKeys(inspection, given);
  const verification = useVerification(inspection, reading, keyInput.text);
  const decryption = useDecryption(inspection, reading);
  const isEncrypted = inspection.encrypted !== undefined;
  const isProof = reading !== given;
  const present = draft.of === token ? draft.draft : NOTHING_EDITED;
  const time = useMemo(() => ({ nowSeconds, format: preferences.times }), [nowSeconds, preferences.times]);
  const replace = useCallback(
    (text: string, message = '') => {
      setChoice(0);
      setSaid(message);
      onToken(text);
    },
    [onToken],
  );
  const edit = useCallback((next: Draft) => setDraft({ of: token, draft: next }), [token]);
  const canEdit = inspection.form === 'jws' && inspection.header !== undefined;
  const edited = canEdit && isEdited(inspection, present);
  const signNow = useCallback(() => {
    const run = async () => {
      const result = await signEdited(editedParts(inspection, present), given);
      if ('token' in result) replace(result.token, t.editor.signed);
    };
    void run();
  }, [inspection, present, given, replace]);
  return (
    <div className="inspect">
      <div className="column column-token">
        <TokenCard
          inspection={inspection}
          choice={choice}
          fieldRef={props.tokenRef}
          onChange={replace}
          onChoose={setChoice}
        />
        <Card title={isEncrypted ? t.key.decryptTitle : t.key.verifyTitle} className="key-card">
          <div className="stack pad">
            <KeyField
              label={t.key.label}
              input={keyInput}
              reading={given}
              nowSeconds={nowSeconds}
              fieldRef={props.keyRef}
              onChange={onKey}
            />
            {props.form === 'served' && (
              <LookupPanel
                key={stringMember(inspection.payload?.node, 'iss') ?? ''}
                suggestion={suggestAddress(inspection)}
                onFound={(keySet) => onKey({ ...keyInput, text: keySet })}
              />
            )}
            {inspection.form !== 'empty' && inspection.form !== 'foreign' && (
              <>
                {isEncrypted ? (
                  <DecryptionResult decryption={decryption} hasKeys={reading.keys.length > 0} />
                ) : (
                  <VerificationResult verification={verification} />
                )}
                {isProof && <p className="remark">{t.key.proof}</p>}
              </>
            )}
          </div>
        </Card>
      </div>
      <div className="column column-contents">
        <p className="hidden" role="status">
          {said}
        </p>
        {inspection.header === undefined ? (
          <Welcome isEmpty={inspection.form === 'empty'} onExample={props.onExample} />
        ) : (
          <>
            <Summary
              inspection={inspection}
              verdict={isEncrypted ? decryptionVerdict(decryption, reading) : summaryVerdict(verification, inspection)}
              nowSeconds={nowSeconds}
              skewSeconds={preferences.skewSeconds}
            />
            {edited && (
              <EditBar
                inspection={inspection}
                draft={present}
                reading={given}
                onToken={replace}
                onDiscard={() => setDraft({ of: token, draft: {} })}
              />
            )}
            <Contents
              inspection={inspection}
              time={time}
              skewSeconds={preferences.skewSeconds}
              onSkew={props.onSkew}
              {...(canEdit && {
                draft: present,
                onEdit: edit,
                onSubmit: signNow,
              })}
            />
            {decryption !== undefined && 'plaintext' in decryption && (
              <Nested
                plaintext={decryption.plaintext}
                reading={reading}
                keyText={keyInput.text}
                time={time}
                skewSeconds={preferences.skewSeconds}
                onSkew={props.onSkew}
              />
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** The keys that the user gave; for a DPoP proof, if there are none, the one in its own header. */
function useKeys(inspection: Inspection, given: KeyReading): KeyReading {
  return useMemo(() => {
    if (given.form !== 'empty' || recogniseProfile(inspection)?.name !== 'dpop-proof') return given;
    const { key: jwk } = readDpopProof(inspection);
    if (jwk === undefined) return given;
    return {
      form: 'jwk',
      keys: [keyItem(jwk, 0)],
      problems: [],
    };
  }, [inspection, given]);
}

/** An https issuer in the token is offered as an address; nothing is fetched until the user says so. */
function suggestAddress({ payload }: Inspection): string {
  const issuer = stringMember(payload?.node, 'iss') ?? '';
  return /^https?:\/\/[^\s"'<>]{1,300}$/u.test(issuer) ? issuer : '';
}

type DecryptionState = ReturnType<typeof useDecryption>;

function decryptionVerdict(decryption: DecryptionState, reading: KeyReading): readonly [Tone, string] {
  if (decryption === undefined) return ['plain', reading.keys.length === 0 ? t.summary.encrypted : t.summary.checking];
  return 'plaintext' in decryption ? ['good', t.summary.decrypted] : ['error', t.summary.notDecrypted];
}

function DecryptionResult({
  decryption,
  hasKeys,
}: {
  readonly decryption: DecryptionState;
  readonly hasKeys: boolean;
}) {
  const failed = decryption !== undefined && 'failure' in decryption;
  return (
    <div
      className="verdict"
      role="status"
      data-status={decryption === undefined ? 'no-key' : failed ? 'failed' : 'decrypted'}
    >
      {decryption === undefined ? (
        <Callout tone="plain" title={hasKeys ? t.summary.checking : t.summary.encrypted}>
          {!hasKeys && t.summary.encryptedDetail}
        </Callout>
      ) : failed ? (
        <Callout tone="error" title={t.summary.notDecrypted}>
          {DECRYPTION_FAILURES[decryption.failure]}
        </Callout>
      ) : (
        <Callout tone="good" title={t.summary.decrypted} />
      )}
    </div>
  );
}

const OFFERED: readonly ExampleKind[] = ['access-token', 'id-token', 'dpop-proof', 'sd-jwt', 'encrypted'];

function Welcome({
  isEmpty,
  onExample,
}: {
  readonly isEmpty: boolean;
  readonly onExample: (kind: ExampleKind) => void;
}) {
  return (
    <section className="welcome" aria-label={t.example}>
      {isEmpty && (
        <>
          <h2 className="welcome-title">{t.token.emptyTitle}</h2>
          <p className="welcome-text">{t.token.emptyDetail}</p>
        </>
      )}
      <ul className="welcome-examples">
        {OFFERED.map((kind) => (
          <li key={kind}>
            <Button className="button" onPress={() => onExample(kind)}>
              {t.generate.kinds[kind]}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
