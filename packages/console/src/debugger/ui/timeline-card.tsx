/** The life of the token as a line, with a table of the same times for those who cannot see it. */
import { Button, Group, Input, Label, NumberField } from 'react-aria-components';
import type { JsonNode } from '../model/json-scan.ts';
import { describeTime, formatDuration } from '../model/time.ts';
import { type Timeline, layTimeline } from '../model/timeline.ts';
import { t } from '../strings/page.ts';
import { Card, type Tone } from './controls.tsx';
import type { TimeView } from './value.tsx';

interface TimelineCardProps {
  readonly payload: JsonNode | undefined;
  readonly time: TimeView;
  readonly skewSeconds: number;
  readonly onSkew: (seconds: number) => void;
}

export const VALIDITY_TONES: Readonly<Record<Timeline['validity'], Tone>> = {
  valid: 'good',
  'valid-by-skew': 'warning',
  'not-yet': 'error',
  expired: 'error',
  unlimited: 'warning',
  impossible: 'error',
};

export function validityText({ validity, remainingSeconds = 0 }: Timeline): string {
  return t.validity[validity](formatDuration(remainingSeconds));
}

export function TimelineCard({ payload, time, skewSeconds, onSkew }: TimelineCardProps) {
  const line = layTimeline(payload, time.nowSeconds, skewSeconds);
  if (line === undefined) return null;
  return (
    <Card
      title={t.timeline.title}
      className="timeline-card"
      aside={
        <NumberField
          className="number"
          value={skewSeconds}
          minValue={0}
          maxValue={3600}
          step={10}
          onChange={(value) => onSkew(Number.isNaN(value) ? 0 : value)}
        >
          <Label className="number-label">{t.timeline.skew}</Label>
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
      }
    >
      <Line line={line} />
      <table className="times">
        <caption className="hidden">{t.timeline.table}</caption>
        <tbody>
          {line.marks.flatMap(({ names, seconds }) =>
            names.map((name) => {
              const { main, other } = describeTime(seconds, time.nowSeconds, time.format);
              return (
                <tr key={name} className={`time-${name}`}>
                  <th scope="row">{t.timeline.marks[name]}</th>
                  <td>{main}</td>
                  <td className="times-other">{name === 'now' ? '' : other}</td>
                </tr>
              );
            }),
          )}
        </tbody>
      </table>
    </Card>
  );
}

/** Drawn in percent of the width; what it shows is in the table beneath. */
function Line({ line }: { readonly line: Timeline }) {
  const percent = (position: number) => `${(position * 100).toFixed(2)}%`;
  return (
    <div className="line" aria-hidden="true">
      {line.gaps.map(({ from, to, seconds, valid }) => (
        <div
          key={from}
          className={`line-gap${valid ? ' line-valid' : ''}`}
          style={{ left: percent(from), width: percent(to - from) }}
        >
          <span className="line-length">{formatDuration(seconds)}</span>
        </div>
      ))}
      {line.marks.map(({ names, position }) => (
        <div
          key={names.join()}
          className={`line-mark ${names.includes('now') ? 'line-now' : ''} ${position < 0.08 ? 'line-first' : position > 0.92 ? 'line-last' : ''}`}
          style={{ left: percent(position) }}
        >
          <span className="line-name">{names.map((name) => t.timeline.marks[name]).join(', ')}</span>
        </div>
      ))}
    </div>
  );
}
