/** A token for people: what it is, its header and claims with what they mean, what is wrong and where. Nothing of it is verified. */
import {
  claimMeaning,
  FORMS,
  inspect,
  numberMember,
  parameterMeaning,
  PROFILES,
  recogniseProfile,
  toPlain,
} from '@sealgate/console/inspect';
import type { DecodedPart, Inspection } from '@sealgate/console/inspect';
import { safeJson, safeText } from '../terminal/safe-text.ts';
import { renderFaults } from './render-faults.ts';
import { renderMembers } from './render-members.ts';
import type { MemberView } from './render-members.ts';
import { describeDistance, describeSpan } from './time-words.ts';

export type TokenView = Omit<MemberView, 'meaningOf'>;

/** A token in a token in a token is still shown; what is deeper was made to be deep. */
const DEEPEST = 4;

export function renderToken(inspection: Inspection, view: TokenView, depth = 0): string {
  const { header, payload } = inspection;
  const blocks = [
    renderSummary(inspection, view),
    renderFaults(inspection, view.style),
    header === undefined ? '' : renderPart('Header', header, view, (name) => parameterMeaning(name)?.text),
    payload === undefined ? '' : renderPart('Claims', payload, view, (name) => claimMeaning(name)?.text),
    renderDisclosures(inspection, view),
    renderSizes(inspection, view),
    renderInside(inspection, view, depth),
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

function renderSummary(inspection: Inspection, { style, nowSeconds }: TokenView): string {
  const { form, located } = inspection;
  const profile = recogniseProfile(inspection);
  const kind = profile === undefined ? undefined : PROFILES[profile.name];
  const guess = profile?.certain === false && profile.name !== 'jwt' ? ', by its claims' : '';
  const facts = [
    style.bold(FORMS[form]),
    ...(kind === undefined ? [] : [`${kind.name} (${kind.source})${guess}`]),
    ...lifeOf(inspection, nowSeconds),
    `${located?.token.length ?? 0} characters`,
  ];
  return `${facts.join(' · ')}\n`;
}

function lifeOf({ payload }: Inspection, nowSeconds: number): string[] {
  const [exp, nbf, iat] = ['exp', 'nbf', 'iat'].map((name) => numberMember(payload?.node, name));
  const life = exp !== undefined && iat !== undefined && exp > iat ? ` of a life of ${describeSpan(exp - iat)}` : '';
  if (nbf !== undefined && nowSeconds < nbf)
    return [`not valid before ${describeDistance(nbf - nowSeconds).slice(3)} from now`];
  if (exp === undefined || Math.abs(exp) > 8.64e12) return [];
  return [
    nowSeconds < exp
      ? `${describeSpan(exp - nowSeconds)} left${life}`
      : `expired ${describeDistance(exp - nowSeconds)}`,
  ];
}

/** Members with their meaning; text as far as it could be read where it is no object. */
function renderPart(
  title: string,
  { node, json, bytes }: DecodedPart,
  view: TokenView,
  meaningOf: (name: string) => string | undefined,
): string {
  const head = `${view.style.bold(title)}\n`;
  if (node?.type === 'object') {
    const members = Object.fromEntries(node.members.map(({ name, value }) => [name, toPlain(value)]));
    return Object.keys(members).length === 0
      ? `${head}  (empty)\n`
      : head + renderMembers(members, { ...view, meaningOf });
  }
  if (bytes.length === 0) return '';
  const start = json.slice(0, 200);
  return `${head}  ${safeText(start)}${json.length > start.length ? '...' : ''}\n`;
}

function renderDisclosures({ sdJwt }: Inspection, view: TokenView): string {
  if (sdJwt === undefined) return '';
  const { disclosures, undisclosed } = sdJwt;
  const members = Object.fromEntries(
    disclosures.flatMap(({ path, name, value }, at) =>
      value === undefined ? [] : [[path ?? name ?? `(${at + 1})`, toPlain(value)]],
    ),
  );
  const withheld =
    undisclosed === 0 ? '' : `  and ${undisclosed} that ${undisclosed === 1 ? 'is' : 'are'} not shown, or made up\n`;
  return `${view.style.bold('Disclosed')}\n${renderMembers(members, view)}${withheld}`;
}

const LABELS: Readonly<Record<string, string>> = {
  signature: 'Signature',
  'encrypted-key': 'Encrypted key',
  iv: 'Initialization vector',
  ciphertext: 'Ciphertext',
  tag: 'Authentication tag',
};

/** Parts that are bytes: how many, and nothing of them. */
function renderSizes({ parts }: Inspection, { style }: TokenView): string {
  return parts
    .filter(({ name }) => Object.hasOwn(LABELS, name))
    .map(({ name, bytes }) => `${style.bold(LABELS[name] ?? name)}  ${bytes.length} bytes, not shown\n`)
    .join('');
}

/** A signed token whose content is a token (RFC 7519 section 5.2), and the key binding of an SD-JWT. */
function renderInside({ payload, sdJwt, form }: Inspection, view: TokenView, depth: number): string {
  if (form === 'jwe' || form === 'jwe-json') {
    return `What is inside only the key can tell: ${view.style.name('sealgate token decrypt - --key FILE')}\n`;
  }
  const nested = sdJwt?.keyBinding?.token ?? contentToken(payload);
  if (nested === undefined || depth >= DEEPEST) return '';
  const title = sdJwt?.keyBinding === undefined ? 'The token inside' : 'Key binding';
  const inner = renderToken(inspect(nested), { ...view, columns: view.columns - 4 }, depth + 1);
  return `${view.style.bold(title)}\n${inner.replaceAll(/^(?=.)/gmu, '    ')}`;
}

function contentToken(payload: DecodedPart | undefined): string | undefined {
  const text = payload?.node?.type === 'string' ? payload.node.value : (payload?.json ?? '');
  return /^e[yw][\w-]+(?:\.[\w-]*){2,4}$/u.test(text.trim()) ? text.trim() : undefined;
}

/** Bytes that came out of an encrypted token, which may be a token, claims, or anything. */
export function renderContent(text: string, view: TokenView): string {
  const inner = inspect(text);
  if (inner.form !== 'foreign' && inner.form !== 'empty' && inner.form !== 'too-long') return renderToken(inner, view);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return `${view.style.bold('Claims')}\n${renderMembers({ ...value }, { ...view, meaningOf: (name) => claimMeaning(name)?.text })}`;
    }
    return `${safeJson(value)}\n`;
  } catch {
    return `${safeText(text)}\n`;
  }
}
