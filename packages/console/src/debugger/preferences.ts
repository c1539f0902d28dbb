/**
 * How the reader wants the page: colours, and how times are written. Kept in the browser; never a token or a key.
 */
import { useCallback, useEffect, useState } from 'react';
import type { TimeFormat } from './model/time.ts';

export type Theme = 'auto' | 'light' | 'dark';

export interface Preferences {
  readonly theme: Theme;
  readonly times: TimeFormat;
  readonly skewSeconds: number;
}

const NAME = 'sealgate.debugger.preferences';
const DEFAULTS: Preferences = { theme: 'auto', times: 'local', skewSeconds: 60 };

export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
export const TIME_FORMATS: readonly TimeFormat[] = ['local', 'utc', 'relative'];

/** What was stored, as far as it makes sense. A page without storage has the defaults. */
function load(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(NAME) ?? '{}');
    const read = new Map(Object.entries(Object(stored)));
    const skew = read.get('skewSeconds');
    return {
      theme: THEMES.find((each) => each === read.get('theme')) ?? DEFAULTS.theme,
      times: TIME_FORMATS.find((each) => each === read.get('times')) ?? DEFAULTS.times,
      skewSeconds: typeof skew === 'number' && skew >= 0 && skew <= 3600 ? skew : DEFAULTS.skewSeconds,
    };
  } catch {
    return DEFAULTS;
  }
}

function store(preferences: Preferences): void {
  try {
    localStorage.setItem(NAME, JSON.stringify(preferences));
  } catch {
    // Storage may be full or forbidden: the choice then lasts as long as the page.
  }
}

/** The preferences and a way to change some of them. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(load);
  useEffect(() => {
    document.documentElement.dataset['theme'] = preferences.theme;
  }, [preferences.theme]);
  useEffect(() => store(preferences), [preferences]);
  const change = useCallback((part: Partial<Preferences>) => setPreferences((before) => ({ ...before, ...part })), []);
  return [preferences, change];
}
