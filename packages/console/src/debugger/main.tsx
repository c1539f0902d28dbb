/** Starts the token debugger in its page. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeFromAddress } from './address.ts';
import { FORMS } from './form.ts';
import { App } from './ui/app.tsx';

const root = document.querySelector('#page');
if (root === null) throw new Error('the page has no place for the debugger');

createRoot(root).render(
  <StrictMode>
    <App
      form={FORMS.find((form) => form === document.documentElement.dataset['form']) ?? 'file'}
      initial={takeFromAddress()}
    />
  </StrictMode>,
);
