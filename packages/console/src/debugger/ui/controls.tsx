/** The few controls that the page is made of, over react-aria-components: a choice of few, a choice of many, copying, a note. */
import { type ReactNode, useState } from 'react';
import {
  Button,
  Header,
  Label,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  Select,
  SelectValue,
  ToggleButton,
  ToggleButtonGroup,
} from 'react-aria-components';
import type { Severity } from '../model/fault.ts';
import { t } from '../strings/page.ts';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly T[];
  readonly names: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}

/** A few options side by side, one of them chosen. */
export function Choice<T extends string>({ label, value, options, names, onChange }: ChoiceProps<T>) {
  return (
    <ToggleButtonGroup
      className="choice"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = options.find((option) => keys.has(option));
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      {options.map((option) => (
        <ToggleButton key={option} id={option} className="choice-option">
          {names[option]}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

export interface PickGroup<T extends string> {
  readonly name?: string;
  readonly options: readonly T[];
}

interface PickProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly groups: readonly PickGroup<T>[];
  readonly names?: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}

/** One of many options, in a list that opens. */
export function Pick<T extends string>({ label, value, groups, names, onChange }: PickProps<T>) {
  const all = groups.flatMap(({ options }) => options);
  const item = (option: T) => (
    <ListBoxItem key={option} id={option} className="pick-option" textValue={names?.[option] ?? option}>
      {names?.[option] ?? option}
    </ListBoxItem>
  );
  return (
    <Select
      className="pick"
      value={value}
      onChange={(key) => {
        const chosen = all.find((option) => option === key);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      <Label className="field-label">{label}</Label>
      <Button className="pick-button">
        <SelectValue />
        <span aria-hidden="true" className="pick-arrow" />
      </Button>
      <Popover className="pick-popover">
        <ListBox className="pick-list">
          {groups.map(({ name, options }) =>
            name === undefined ? (
              options.map(item)
            ) : (
              <ListBoxSection key={name} className="pick-section">
                <Header className="pick-header">{name}</Header>
                {options.map(item)}
              </ListBoxSection>
            ),
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

/** Copies text, and says so. */
export function CopyButton({ text, label = t.copy }: { readonly text: string; readonly label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      setCopied(false);
    }
  };
  return (
    <Button className="quiet" onPress={() => void copy()} isDisabled={text === ''}>
      <span aria-live="polite">{copied ? t.copied : label}</span>
    </Button>
  );
}

export type Tone = Severity | 'good' | 'plain';

/** A short remark with a sign of its tone that does not rest on colour alone. */
export function Callout({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title?: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className={`callout tone-${tone}`}>
      <span aria-hidden="true" className="sign" />
      <div>
        {title !== undefined && <p className="callout-title">{title}</p>}
        {children !== undefined && <div className="callout-detail">{children}</div>}
      </div>
    </div>
  );
}

/** A panel with a heading and what belongs beside it. */
export function Card({
  title,
  aside,
  className = '',
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={`card ${className}`} aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        {aside !== undefined && <div className="card-aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
