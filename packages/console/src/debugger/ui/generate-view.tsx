/** New keys and example tokens for any algorithm. */
import { useState } from 'react';
import { Button, Group, Input, Label, NumberField } from 'react-aria-components';
import { CONTENT_ENCRYPTION_NAMES, KEY_MANAGEMENT_NAMES, type SignatureAlgorithm } from '../crypto/algorithms.ts';
import { EXAMPLE_KINDS, type Example, type ExampleRequest, makeExample, needsKeyPair } from '../crypto/examples.ts';
import { systemRandom } from '../crypto/generate.ts';
import { type Jwk, publicPart } from '../crypto/jwk.ts';
import { WRITTEN_FORMS, type WrittenForm, writeKey } from '../crypto/write-key.ts';
import { t } from '../strings/page.ts';
import { Callout, Card, Choice, CopyButton, Pick, type PickGroup } from './controls.tsx';

type Settings = Omit<ExampleRequest, 'nowSeconds' | 'random' | 'lifeSeconds'> & { readonly lifeMinutes: number };

const GROUPS: readonly PickGroup<SignatureAlgorithm>[] = [
  { name: 'ECDSA', options: ['ES256', 'ES384', 'ES512', 'ES256K'] },
  { name: 'EdDSA', options: ['EdDSA', 'Ed25519', 'Ed448'] },
  { name: 'RSA-PSS', options: ['PS256', 'PS384', 'PS512'] },
  { name: 'RSA PKCS#1 v1.5', options: ['RS256', 'RS384', 'RS512'] },
  { name: 'ML-DSA', options: ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] },
  { name: 'HMAC', options: ['HS256', 'HS384', 'HS512'] },
];
const CURVES = ['P-256', 'P-384', 'P-521', 'X25519', 'X448'] as const;

export function GenerateView({
  nowSeconds,
  onInspect,
}: {
  readonly nowSeconds: number;
  readonly onInspect: (token: string, key: string) => void;
}) {
  const [settings, setSettings] = useState<Settings>({
    kind: 'access-token',
    algorithm: 'ES256',
    management: 'ECDH-ES+A256KW',
    encryption: 'A256GCM',
    curve: 'P-256',
    lifeMinutes: 10,
  });
  const [made, setMade] = useState<Example | 'busy' | 'failed'>();
  const change = (part: Partial<Settings>) => setSettings({ ...settings, ...part });
  const isPair = needsKeyPair(settings.kind);
  const groups = isPair ? GROUPS.filter(({ name }) => name !== 'HMAC') : GROUPS;
  const algorithm = isPair && settings.algorithm.startsWith('HS') ? 'ES256' : settings.algorithm;
  const generate = async () => {
    setMade('busy');
    try {
      const { lifeMinutes, ...rest } = settings;
      setMade(
        await makeExample({ ...rest, algorithm, lifeSeconds: lifeMinutes * 60, nowSeconds, random: systemRandom }),
      );
    } catch {
      setMade('failed');
    }
  };
  return (
    <div className="generate">
      <Card title={t.tabs.generate} className="generate-form">
        <form
          className="stack pad"
          onSubmit={(event) => {
            event.preventDefault();
            void generate();
          }}
        >
          <p className="remark">{t.generate.intro}</p>
          <Pick
            label={t.generate.kind}
            value={settings.kind}
            groups={[{ options: EXAMPLE_KINDS }]}
            names={t.generate.kinds}
            onChange={(kind) => change({ kind })}
          />
          <Pick
            label={t.generate.algorithm}
            value={algorithm}
            groups={groups}
            onChange={(name) => change({ algorithm: name })}
          />
          {algorithm === 'EdDSA' && <p className="remark">{t.generate.note}</p>}
          {settings.kind === 'encrypted' && (
            <>
              <Pick
                label={t.generate.management}
                value={settings.management}
                groups={[{ options: KEY_MANAGEMENT_NAMES }]}
                onChange={(management) => change({ management })}
              />
              <Pick
                label={t.generate.encryption}
                value={settings.encryption}
                groups={[{ options: CONTENT_ENCRYPTION_NAMES }]}
                onChange={(encryption) => change({ encryption })}
              />
              {settings.management.startsWith('ECDH') && (
                <Pick
                  label={t.generate.curve}
                  value={settings.curve}
                  groups={[{ options: CURVES }]}
                  onChange={(curve) => change({ curve })}
                />
              )}
            </>
          )}
          <NumberField
            className="number number-wide"
            value={settings.lifeMinutes}
            minValue={1}
            maxValue={5_256_000}
            onChange={(lifeMinutes) => change({ lifeMinutes: Number.isNaN(lifeMinutes) ? 10 : lifeMinutes })}
          >
            <Label className="field-label">{t.generate.life}</Label>
            <Group className="number-group">
              <Button slot="decrement" aria-label={t.timeline.less} className="number-step">
                −
              </Button>
              <Input className="number-input" />
              <Button slot="increment" aria-label={t.timeline.more} className="number-step">
                +
              </Button>
            </Group>
          </NumberField>
          <Button type="submit" className="button primary" isDisabled={made === 'busy'}>
            {made === 'busy' ? t.generate.busy : t.generate.button}
          </Button>
        </form>
      </Card>
      <div className="column" aria-live="polite">
        {made === 'failed' && <Callout tone="error" title={t.generate.failed} />}
        {typeof made === 'object' && <Made example={made} onInspect={onInspect} />}
      </div>
    </div>
  );
}

/** The text for the key field of the inspector: one JWK, or a set if there are two. */
export function keyTextOf({ keys }: Example): string {
  return JSON.stringify(keys.length === 1 ? keys[0] : { keys }, null, 2);
}

function Made({
  example,
  onInspect,
}: {
  readonly example: Example;
  readonly onInspect: (token: string, key: string) => void;
}) {
  return (
    <>
      <Card
        title={t.generate.token}
        aside={
          <>
            <CopyButton text={example.token} />
            <Button className="button primary" onPress={() => onInspect(example.token, keyTextOf(example))}>
              {t.generate.inspect}
            </Button>
          </>
        }
      >
        <p className="made-token mono">{example.token}</p>
      </Card>
      {example.keys.map((jwk) => (
        <KeyCard key={jwk.kid ?? jwk.k} jwk={jwk} />
      ))}
      <p className="remark">{t.generate.warning}</p>
    </>
  );
}

function KeyCard({ jwk }: { readonly jwk: Jwk }) {
  const [form, setForm] = useState<WrittenForm>('jwk');
  const shared = publicPart(jwk);
  const text = writeKey(jwk, form);
  return (
    <Card
      title={`${t.generate.key} ${jwk.alg ?? ''}`}
      aside={
        <>
          <CopyButton text={text} />
          {shared !== undefined && (
            <Choice
              label={t.generate.keyForms.label}
              value={form}
              options={WRITTEN_FORMS}
              names={t.generate.keyForms}
              onChange={setForm}
            />
          )}
        </>
      }
    >
      <pre className="raw" tabIndex={0} role="group" aria-label={`${t.generate.key} ${jwk.alg ?? ''}`}>
        {text}
      </pre>
    </Card>
  );
}
