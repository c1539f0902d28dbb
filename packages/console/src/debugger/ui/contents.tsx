/** What a token holds: its life, its header, its claims, and what is special to its kind. For the outer and for an inner token. */
import { memo } from 'react';
import type { Inspection } from '../model/inspect.ts';
import { recogniseProfile } from '../model/profile.ts';
import { AdviceCard } from './advice-card.tsx';
import { DpopCard } from './dpop-card.tsx';
import { JsonCard } from './json-card.tsx';
import { SdJwtCard } from './sd-jwt-card.tsx';
import { TimelineCard } from './timeline-card.tsx';
import type { TimeView } from './value.tsx';

export interface Draft {
  readonly header?: string | undefined;
  readonly payload?: string | undefined;
}

interface ContentsProps {
  readonly inspection: Inspection;
  readonly time: TimeView;
  readonly skewSeconds: number;
  readonly onSkew: (seconds: number) => void;
  /** What was edited; `undefined` where nothing can be edited. */
  readonly draft?: Draft | undefined;
  readonly onEdit?: (draft: Draft) => void;
  readonly onSubmit?: () => void;
}

export const Contents = memo(function Contents({
  inspection,
  time,
  skewSeconds,
  onSkew,
  draft,
  onEdit,
  onSubmit,
}: ContentsProps) {
  const { header, payload, sdJwt } = inspection;
  const editing = (part: 'header' | 'payload') =>
    onEdit && {
      onEdit: (text: string) => onEdit({ ...draft, [part]: text }),
      draft: draft?.[part],
      ...(onSubmit && { onSubmit }),
    };
  return (
    <>
      <TimelineCard payload={payload?.node} time={time} skewSeconds={skewSeconds} onSkew={onSkew} />
      {recogniseProfile(inspection)?.name === 'dpop-proof' && <DpopCard inspection={inspection} time={time} />}
      {header !== undefined && <JsonCard part="header" decoded={header} time={time} {...editing('header')} />}
      {payload !== undefined && <JsonCard part="payload" decoded={payload} time={time} {...editing('payload')} />}
      <AdviceCard inspection={inspection} />
      {sdJwt !== undefined && <SdJwtCard inspection={inspection} sdJwt={sdJwt} time={time} />}
    </>
  );
});
