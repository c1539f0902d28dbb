/** `sealgate keys inspect`: what a key, a certificate or a key set is, and nothing of what is secret in it. */
import { X509Certificate } from 'node:crypto';
import { CommandError } from '../command-error.ts';
import { readSource } from '../command-line/source.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { safeJson, safeText } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { renderTable } from '../terminal/table.ts';
import { readKeyMaterial } from './key-material.ts';
import { describeKeyObject } from './key-object.ts';
import { keysOfSet } from './key-set.ts';
import { thumbprintOf } from './key-thumbprint.ts';
import { describeMaterial, readAnyKey } from './read-any-key.ts';
import type { AnyKey, AnyKeyOptions } from './read-any-key.ts';

export interface RawInspectOptions extends AnyKeyOptions {
  readonly json?: boolean;
}

/** Exit code 1 where a key of a set is not usable. @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function inspectCommand(
  reference: string | undefined,
  options: RawInspectOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if (reference !== undefined && options.secret === undefined) {
    const source = await readSource(reference, io);
    const material = readKeyMaterial(source);
    if (material.form === 'jwks') return inspectSet(material.set, source.name, options, io);
    return show(describeMaterial(material, source.name, options), options, io);
  }
  return show(await readAnyKey(reference, options, io), options, io);
}

function show(key: AnyKey, { json }: RawInspectOptions, io: CommandIo): ExitCode {
  const facts = factsOf(key);
  if (json === true) {
    io.stdout(`${safeJson(facts)}\n`);
    return EXIT.yes;
  }
  const { name, bold } = styleFor(io);
  const rows = Object.entries(facts).map(([label, value]) => [
    label.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`),
    Array.isArray(value) ? value.join(', ') : safeText(String(value)),
  ]);
  io.stdout(
    `${bold(key.name)}\n${renderTable(rows, { indent: '  ', paint: (cell, column) => (column === 0 ? name(cell) : cell) })}`,
  );
  return EXIT.yes;
}

function factsOf({ object, material, algorithms, metadata }: AnyKey): Readonly<Record<string, unknown>> {
  const { kid, use } = metadata;
  const thumbprint = thumbprintOf(object);
  return {
    kind: object.type === 'secret' ? 'shared secret' : `${object.type} key`,
    key: describeKeyObject(object),
    form: formOf(material),
    algorithms,
    ...(use === undefined ? {} : { use }),
    ...(kid === undefined ? {} : { kid }),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...certificateFacts(material),
  };
}

function formOf(material: AnyKey['material']): string {
  if (material.form === 'pem') return `PEM (${material.label.toLowerCase()})`;
  return { jwk: 'JWK', der: 'DER', secret: 'bytes' }[material.form];
}

function certificateFacts(material: AnyKey['material']): Readonly<Record<string, unknown>> {
  const certificate = certificateOf(material);
  if (certificate === undefined) return {};
  const { subject, issuer, validFrom, validTo, fingerprint256 } = certificate;
  const line = (text: string) => text.replaceAll('\n', ', ');
  return {
    subject: line(subject ?? ''),
    issuer: line(issuer ?? ''),
    validFrom,
    validTo,
    certificateThumbprint: Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
  };
}

function certificateOf(material: AnyKey['material']): X509Certificate | undefined {
  if (material.form === 'pem' && material.label !== 'CERTIFICATE') return undefined;
  if (material.form !== 'pem' && material.form !== 'der') return undefined;
  try {
    return new X509Certificate(material.form === 'pem' ? material.text : Buffer.from(material.bytes));
  } catch {
    return undefined;
  }
}

function inspectSet(
  set: { readonly keys: unknown },
  name: string,
  options: RawInspectOptions,
  io: CommandIo,
): ExitCode {
  const entries = keysOfSet(set, name).map((jwk, index): Readonly<Record<string, unknown>> => {
    try {
      return factsOf(describeMaterial({ form: 'jwk', jwk }, `key ${index}`, options));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { fault: error.message };
    }
  });
  if (options.json === true) io.stdout(`${safeJson(entries)}\n`);
  else {
    const { bold, bad } = styleFor(io);
    const cell = (entry: Readonly<Record<string, unknown>>, label: string) => {
      const value = entry[label];
      if (Array.isArray(value)) return value.join(' ');
      return typeof value === 'string' ? safeText(value) : '-';
    };
    const good = entries.filter(({ fault }) => fault === undefined);
    const rows = good.map((entry) => ['kind', 'key', 'algorithms', 'use', 'kid'].map((label) => cell(entry, label)));
    const faults = entries.flatMap(({ fault }) =>
      typeof fault === 'string' ? [`${bad('not usable')}: ${fault}\n`] : [],
    );
    const head = ['kind', 'key', 'algorithms', 'use', 'kid'];
    io.stdout(
      `${bold(`${name}: ${entries.length} keys`)}\n${rows.length === 0 ? '' : renderTable(rows, { head, paintHead: bold, indent: '  ' })}${faults.join('')}`,
    );
  }
  return entries.some(({ fault }) => fault !== undefined) ? EXIT.no : EXIT.yes;
}
