/** The bar at the top: where one is, what leaves the page, how times and colours are shown. */
import type { ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { type Preferences, THEMES, TIME_FORMATS } from '../preferences.ts';
import type { PageForm } from '../form.ts';
import { t } from '../strings/page.ts';
import { Choice } from './controls.tsx';

interface TopBarProps {
  readonly form: PageForm;
  readonly preferences: Preferences;
  readonly onChange: (change: Partial<Preferences>) => void;
  readonly children: ReactNode;
}

export function TopBar({ form, preferences, onChange, children }: TopBarProps) {
  return (
    <header className="bar">
      <a className="skip" href="#main">
        {t.skipToToken}
      </a>
      <div className="brand">
        <Seal />
        <h1 className="brand-title">
          <span className="brand-product">{t.product}</span> {t.title}
        </h1>
      </div>
      {children}
      <div className="bar-tools">
        <DialogTrigger>
          <Button className="privacy">
            <span aria-hidden="true" className="privacy-dot" />
            {t.privacy[form]}
          </Button>
          <Popover className="popover" placement="bottom end">
            <Dialog className="dialog" aria-label={t.privacy[form]}>
              <p>{t.privacyDetail[form]}</p>
            </Dialog>
          </Popover>
        </DialogTrigger>
        <Choice
          label={t.times.label}
          value={preferences.times}
          options={TIME_FORMATS}
          names={t.times}
          onChange={(times) => onChange({ times })}
        />
        <Choice
          label={t.theme.label}
          value={preferences.theme}
          options={THEMES}
          names={t.theme}
          onChange={(theme) => onChange({ theme })}
        />
        <DialogTrigger>
          <Button className="quiet">{t.help}</Button>
          <Popover className="popover" placement="bottom end">
            <Dialog className="dialog">
              <Heading slot="title" level={2} className="dialog-title">
                {t.keyboard.title}
              </Heading>
              <dl className="shortcuts">
                {t.keyboard.list.map(([keys, what]) => (
                  <div key={keys}>
                    <dt>{keys}</dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </Dialog>
          </Popover>
        </DialogTrigger>
      </div>
    </header>
  );
}

/** The mark: a seal with three parts, as a token has. */
function Seal() {
  return (
    <svg className="seal" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path className="seal-header" d="M12 1.5a10.5 10.5 0 0 1 9.1 5.25L12 12Z" />
      <path className="seal-payload" d="M21.6 7.6a10.5 10.5 0 0 1-9.1 14.9V12.7Z" />
      <path className="seal-signature" d="M11.5 22.5A10.5 10.5 0 0 1 11.2 1.5V12Z" />
    </svg>
  );
}
