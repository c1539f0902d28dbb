/**
 * A text field whose characters are coloured: an ordinary textarea with transparent letters over a copy that carries the colours.
 *
 * To the keyboard, to assistive technology and to the clipboard it is the textarea; the copy is hidden from them.
 */
import { type Ref, memo, useId } from 'react';
import { segmentText, type Mark } from './segments.ts';

interface CodeFieldProps {
  readonly label: string;
  /** Whether the label is shown, or only announced. */
  readonly labelHidden?: boolean;
  readonly value: string;
  readonly marks: readonly Mark[];
  readonly placeholder?: string;
  readonly describedBy?: string;
  readonly invalid?: boolean;
  readonly readOnly?: boolean;
  readonly minimumRows?: number;
  readonly fieldRef?: Ref<HTMLTextAreaElement>;
  readonly onChange?: (value: string) => void;
  readonly onSubmit?: () => void;
}

/** Longest text that is copied for colouring; longer texts are shown plain. */
const MAXIMUM_COLOURED = 300_000;

export function CodeField(props: CodeFieldProps) {
  const { label, labelHidden = true, value, marks, minimumRows = 4, onChange, onSubmit } = props;
  const id = useId();
  const isColoured = value.length <= MAXIMUM_COLOURED;
  return (
    <div className="code">
      <label htmlFor={id} className={labelHidden ? 'hidden' : 'field-label'}>
        {label}
      </label>
      <div className={`code-box${isColoured ? '' : ' code-plain'}`} data-rows={minimumRows}>
        <Colours value={isColoured ? value : ''} marks={marks} />
        <textarea
          id={id}
          ref={props.fieldRef}
          className="code-input"
          value={value}
          rows={minimumRows}
          placeholder={props.placeholder}
          aria-describedby={props.describedBy}
          aria-invalid={props.invalid === true ? true : undefined}
          readOnly={props.readOnly}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          onChange={(event) => onChange?.(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || onSubmit === undefined) return;
            event.preventDefault();
            onSubmit();
          }}
        />
      </div>
    </div>
  );
}

const Colours = memo(function Colours({ value, marks }: { readonly value: string; readonly marks: readonly Mark[] }) {
  return (
    <pre className="code-colours" aria-hidden="true">
      {segmentText(value, marks).map(({ start, text, className }) => (
        <span key={start} className={className}>
          {text}
        </span>
      ))}
      {'\u200B'}
    </pre>
  );
});
