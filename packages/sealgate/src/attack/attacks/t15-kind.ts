/** T15: a token of another kind in the place of an access token (RFC 9068 section 4, RFC 8725 section 3.11). */
import type { Attack } from '../attack.ts';
import { tokenProbe } from '../probes.ts';
import { signedProbes } from '../signed-variants.ts';

export const kind: Attack = {
  id: 'T15',
  title: 'token of another kind',
  why: 'ID tokens reach front ends and logs, and say who signed in, not what may be done: they must open no API.',
  mend: 'Demand the exact "typ" of an access token ("at+jwt"), and refuse every other.',
  severity: 'high',
  needs: '--id-token FILE, --refresh-token FILE or --signing-key FILE',
  probes: (scene) => {
    const { given, subject } = scene;
    const { id, refresh } = given.others;
    const { typ, ...untyped } = subject.header;
    const ofKind = (value: string) => ({ name: `typ "${value}"`, header: { ...subject.header, typ: value } });
    // An API whose own tokens say no kind cannot demand one; those of another kind it can refuse all the same.
    const demandsKind = typeof typ === 'string' && !/^jwt$/iu.test(typ);
    return [
      ...(id === undefined ? [] : [tokenProbe('an ID token', id)]),
      ...(refresh === undefined ? [] : [tokenProbe('a refresh token', refresh)]),
      ...signedProbes(scene, [
        ...['logout+jwt', 'dpop+jwt', 'client-authentication+jwt'].map(ofKind),
        ...(demandsKind ? [ofKind('JWT'), { name: 'no typ', header: untyped }] : []),
      ]),
    ];
  },
};
