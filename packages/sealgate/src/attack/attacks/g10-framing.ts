/**
 * G10: requests whose end two servers see in two places (RFC 9112 sections 2.2, 5.1, 6.1, 6.3 and 7.1; CVE-2024-27982).
 *
 * Harmless: on a connection of its own, one whole request with the valid token and a framing that must not be, and behind it the authorised
 * request as it is. A server that refuses the first, or closes after it as section 6.1 demands, never answers the second.
 */
import type { Attack, Probe, Scene } from '../attack.ts';

const CHUNKED = 'Transfer-Encoding: chunked';
const EMPTY_CHUNKS = '0\r\n\r\n';

export const framing: Attack = {
  id: 'G10',
  title: 'request with two readings of its length',
  why: 'Behind a server that reads it otherwise, a second request hides inside the first, past every check.',
  mend: 'Use a strict HTTP parser (in Node.js: never insecureHTTPParser) at every hop, and keep it patched.',
  severity: 'high',
  probes: (scene) => {
    const plain = requestWith(scene, [], '');
    const second = requestWith(scene, ['Connection: close'], '');
    const probe = (name: string, lines: readonly string[], body: string) =>
      pipelined(name, requestWith(scene, lines, body), second);
    return [
      twoPlainOnes(plain, second),
      probe('Content-Length and chunked', ['Content-Length: 5', CHUNKED], EMPTY_CHUNKS),
      probe('chunked and Content-Length', [CHUNKED, 'Content-Length: 5'], EMPTY_CHUNKS),
      // Whichever counts: an empty line before a request is passed over (section 2.2).
      probe('two different lengths', ['Content-Length: 0', 'Content-Length: 2'], '\r\n'),
      probe('a list of lengths', ['Content-Length: 0, 2'], '\r\n'),
      probe('a length with a sign', ['Content-Length: +0'], ''),
      probe('"xchunked"', ['Transfer-Encoding: xchunked'], EMPTY_CHUNKS),
      probe('chunked twice', [CHUNKED, CHUNKED], EMPTY_CHUNKS),
      probe('chunked, then identity', ['Transfer-Encoding: chunked, identity'], EMPTY_CHUNKS),
      probe('a space before the colon', ['Content-Length: 5', 'Transfer-Encoding : chunked'], EMPTY_CHUNKS),
      probe('a chunk size with a sign', [CHUNKED], `+0\r\n\r\n`),
      probe('a folded header', ['X-Fold: a\r\n b'], ''),
      probe('a NUL in a value', ['X-Nul: a\u0000b'], ''),
      probe('a bare CR in a value', ['X-Cr: a\rX-User-Id: admin'], ''),
      pipelined('bare LF at the end of a line', plain.replace('\r\nHost', '\nHost'), second),
    ];
  },
};

function requestWith({ target, origin, subject }: Scene, lines: readonly string[], body: string): string {
  const head = [
    `GET ${target} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    `Authorization: Bearer ${subject.token}`,
    ...lines,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** The control of this attack: a server that answers one request a connection would hide the fault. */
function twoPlainOnes(first: string, second: string): Probe {
  return {
    name: 'two plain requests on one connection',
    async attempt(lab) {
      const answers = await lab.sendRaw(first + second, 2);
      const both = answers.length === 2 && answers.every((answer) => lab.judge(answer).outcome === 'accepted');
      return both
        ? { outcome: 'refused', note: 'both answered, as they must be' }
        : { outcome: 'unclear', note: 'the second was not answered' };
    },
  };
}

function pipelined(name: string, first: string, second: string): Probe {
  return {
    name,
    async attempt(lab) {
      const [, answer] = await lab.sendRaw(first + second, 2);
      return answer !== undefined && lab.judge(answer).outcome === 'accepted'
        ? { outcome: 'accepted', note: 'and the connection went on' }
        : { outcome: 'refused' };
    },
  };
}
