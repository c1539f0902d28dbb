/**
 * What each fault of a token means, for a person who has the token in front of them: what it is, why it matters, what to do.
 */
import type { FaultCode, FaultData } from '../model/fault.ts';

export interface FaultText {
  readonly title: string;
  readonly detail: string;
  /** Where the rule stands. */
  readonly source?: string;
}

const PARTS: Readonly<Record<string, string>> = {
  header: 'header',
  payload: 'payload',
  signature: 'signature',
  'encrypted-key': 'encrypted key',
  iv: 'initialization vector',
  ciphertext: 'ciphertext',
  tag: 'authentication tag',
  disclosure: 'disclosure',
  'key-binding': 'key binding',
  extra: 'extra part',
  whole: 'JSON',
};

const EXPECTED: Readonly<Record<string, string>> = {
  value: 'a value',
  name: 'a member name in double quotes',
  colon: 'a colon',
  'comma-object': 'a comma or a closing brace',
  'comma-array': 'a comma or a closing bracket',
  end: 'the end',
  digit: 'a digit',
  escape: 'a valid escape after the backslash',
  '': 'something else',
};

const TYPES: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  text: 'plain text',
  bytes: 'binary data',
  'string-or-strings': 'a string, or an array of one string or more',
};

const type = (value: string | number | undefined) => TYPES[String(value)] ?? String(value);
const plural = (count: string | number | undefined, one: string, many: string) =>
  `${count} ${count === 1 ? one : many}`;

/** The text for a fault. */
export function faultText(code: FaultCode, data: FaultData): FaultText {
  return TEXTS[code]({ ...data, part: PARTS[String(data['part'])] ?? String(data['part'] ?? '') });
}

const TEXTS: Readonly<Record<FaultCode, (data: FaultData) => FaultText>> = {
  'too-long': ({ length, limit }) => ({
    title: `Too long to be a token: ${length} characters`,
    detail: `Up to ${limit} characters are looked at. Most servers refuse header lines above 8 or 16 KB.`,
  }),
  'parts-one': () => ({
    title: 'Only the header is here',
    detail:
      'It decodes to a JOSE header, but there is no dot and nothing after it. A signed token has three parts, an encrypted one five. Perhaps only a piece was copied.',
    source: 'RFC 7515 section 7.1',
  }),
  'parts-two': () => ({
    title: 'The signature is missing',
    detail:
      'There are two parts where a signed token has three. Either the last part was cut off when it was copied, or someone removed it. A verifier must refuse it.',
    source: 'RFC 7515 section 7.1',
  }),
  'parts-four': () => ({
    title: 'Four parts are neither a signed nor an encrypted token',
    detail:
      'A signed token (JWS) has three parts, an encrypted one (JWE) five. Perhaps the last part of a JWE was cut off, or two values were joined by a dot.',
    source: 'RFC 7516 section 9',
  }),
  'parts-many': ({ count }) => ({
    title: `${count} parts are too many`,
    detail: 'A signed token (JWS) has three parts, an encrypted one (JWE) five. A strict parser stops counting here.',
    source: 'RFC 7516 section 9',
  }),
  'part-empty': ({ part }) => ({
    title: `The ${part} is empty`,
    detail:
      part === 'payload'
        ? 'That is allowed for a detached payload, which travels apart from the token. A JWT always has one.'
        : 'An encrypted token needs it.',
    source: 'RFC 7515 appendix F',
  }),
  'header-empty': () => ({
    title: 'The header is empty',
    detail:
      'The text begins with a dot: whatever stood before it is missing. Without a header nobody can know how the token was made.',
    source: 'RFC 7515 section 4',
  }),
  'signature-missing': ({ alg }) => ({
    title: 'There is no signature',
    detail: `The third part is empty${alg === '' ? '' : `, though the header says ${alg}`}. Anyone could have written this token. Libraries that accepted such tokens were how whole systems were broken into.`,
    source: 'RFC 8725 section 3.2',
  }),
  'base64-character': ({ part, character, count, position }) => ({
    title: `The ${part} holds a character that base64url does not have`,
    detail: `Character ${position} is ${character}${Number(count) > 1 ? `, and ${Number(count) - 1} more do not belong there` : ''}. Only A to Z, a to z, 0 to 9, - and _ may stand there. Decoded without ${Number(count) > 1 ? 'them' : 'it'}, the result is a guess.`,
    source: 'RFC 7515 section 2',
  }),
  'base64-standard-alphabet': ({ part, character, position }) => ({
    title: `The ${part} is written in ordinary base64, not base64url`,
    detail: `Character ${position} is ${character}; in base64url it is ${character === '+' ? '-' : '_'}. The encoder used the wrong alphabet, or something on the way re-encoded the token.`,
    source: 'RFC 4648 section 5',
  }),
  'base64-padding': ({ part }) => ({
    title: `The ${part} ends in padding`,
    detail:
      'JOSE writes base64url without = at the end. Some decoders let it pass; a strict one accepts only one spelling of a token.',
    source: 'RFC 7515 section 2',
  }),
  'base64-length': ({ part, length }) => ({
    title: `The ${part} has a length that no bytes encode to`,
    detail: `${length} characters leave one over: base64url comes in groups of 4, and the last group has 2, 3 or 4. A character was lost or added, most often at the end when copying.`,
    source: 'RFC 4648 section 4',
  }),
  'base64-trailing-bits': ({ part, character }) => ({
    title: `The last character of the ${part} has bits set that mean nothing`,
    detail: `${character} carries bits beyond the last byte. They must be zero; otherwise several different tokens would decode to the same bytes. The character may have been changed by hand.`,
    source: 'RFC 4648 section 3.5',
  }),
  'utf8-invalid': ({ part, byte, position }) => ({
    title: `The ${part} is not UTF-8`,
    detail: `Byte ${position} is 0x${byte}, which cannot stand there. Either the part is not text, or the text was encoded otherwise (Latin-1, UTF-16), or characters were lost.`,
    source: 'RFC 8259 section 8.1',
  }),
  'utf8-bom': ({ part }) => ({
    title: `The ${part} begins with a byte order mark`,
    detail: 'JSON that is sent over a network must not have one. The encoder should write UTF-8 without it.',
    source: 'RFC 8259 section 8.1',
  }),
  'json-syntax': ({ part, line, column, found, expected }) => ({
    title: `The ${part} is not valid JSON`,
    detail: `At line ${line}, column ${column} there is ${JSON.stringify(found)} where ${EXPECTED[String(expected)]} is expected.`,
    source: 'RFC 8259',
  }),
  'json-ends-early': ({ part, line, column, expected }) => ({
    title: `The JSON of the ${part} breaks off`,
    detail: `It ends at line ${line}, column ${column}, where ${EXPECTED[String(expected)]} is expected. The token was probably cut when it was copied or stored in a field that is too short.`,
    source: 'RFC 8259',
  }),
  'json-after-end': ({ part, line, column, found }) => ({
    title: `There is more after the JSON of the ${part}`,
    detail: `The value ends, and at line ${line}, column ${column} ${JSON.stringify(found)} follows. Two readers could take it for two different things.`,
    source: 'RFC 8259 section 2',
  }),
  'json-duplicate': ({ part, found }) => ({
    title: `${JSON.stringify(found)} stands twice in the ${part}`,
    detail:
      'One reader takes the first, another the last. An attacker can show one value to the gateway and another to the API, so a strict parser refuses both.',
    source: 'RFC 7519 section 4',
  }),
  'json-control-character': ({ part, line, column }) => ({
    title: `A raw control character stands in a string of the ${part}`,
    detail: `At line ${line}, column ${column}. JSON wants it escaped.`,
    source: 'RFC 8259 section 7',
  }),
  'json-lone-surrogate': ({ part, line, column }) => ({
    title: `A string of the ${part} holds half a character`,
    detail: `The string at line ${line}, column ${column} has a surrogate without its other half. Programs differ in what they make of it.`,
    source: 'RFC 7493 section 2.1',
  }),
  'json-number-range': ({ part, found }) => ({
    title: `A number in the ${part} is beyond every range`,
    detail: `${found} becomes infinity when it is read. An expiry like this would never come.`,
    source: 'RFC 7493 section 2.2',
  }),
  'json-too-complex': ({ part }) => ({
    title: `The JSON of the ${part} nests too deep or has too many members`,
    detail:
      'No honest token looks like this. Reading stopped here; a server should refuse it before it spends time on it.',
    source: 'RFC 8725 section 3',
  }),
  'json-proto-member': ({ part }) => ({
    title: `A member named "__proto__" stands in the ${part}`,
    detail:
      'Software in JavaScript that copies it may set the prototype of the copy, and find claims there that nobody was given. A strict parser refuses it.',
    source: 'RFC 8725 section 3',
  }),
  'json-nul': ({ part }) => ({
    title: `The character U+0000 stands in a string of the ${part}`,
    detail: 'Software in C ends the text there: two readers see two values. A strict parser refuses it.',
    source: 'RFC 8725 section 3',
  }),
  'json-past-limits': ({ part, limit }) => ({
    title: `The JSON of the ${part} passes the limit of ${limit} that Sealgate sets to its depth or members`,
    detail: 'No honest token looks like this. A server should refuse it before it spends time on it.',
    source: 'RFC 8725 section 3',
  }),
  'header-not-object': ({ found }) => ({
    title: 'The header is not a JSON object',
    detail: `It decodes to ${type(found)}. A JOSE header is an object that names at least the algorithm. This may not be a token at all.`,
    source: 'RFC 7515 section 4',
  }),
  'payload-not-object': ({ found }) => ({
    title: 'The payload is not a set of claims',
    detail: `It is JSON, but ${type(found)}. As signed data that is allowed; as a JWT it must be an object.`,
    source: 'RFC 7519 section 7.2',
  }),
  'payload-not-json': ({ found }) => ({
    title: 'The payload is not JSON',
    detail: `It is ${type(found)}. A JWS may sign anything, so this can be right; a JWT, such as an access token, must hold a JSON object.`,
    source: 'RFC 7519 section 7.2',
  }),
  'alg-missing': () => ({
    title: 'The header names no algorithm',
    detail: 'Every JOSE header must have "alg". A verifier that guesses one can be led to the wrong one.',
    source: 'RFC 7515 section 4.1.1',
  }),
  'alg-not-string': ({ found }) => ({
    title: `"alg" is ${type(found)}`,
    detail: 'It must be a string. Some libraries stumbled over arrays and null here and skipped the check.',
    source: 'RFC 7515 section 4.1.1',
  }),
  'alg-none': ({ name }) => ({
    title: 'The token says that it is not signed',
    detail: `"alg": ${JSON.stringify(name)} means: believe me without proof. Anyone can write such a token, and no API may accept it.`,
    source: 'RFC 8725 section 3.2',
  }),
  'alg-case': ({ name, meant }) => ({
    title: `${JSON.stringify(name)} is not how the algorithm is spelt`,
    detail: `Names are compared exactly: it is ${meant}.`,
    source: 'RFC 7515 section 4.1.1',
  }),
  'alg-unknown': ({ name, encrypted }) => ({
    title: `${JSON.stringify(name)} is no ${encrypted === 'yes' ? 'key management' : 'signature'} algorithm known here`,
    detail:
      'It is not registered for this use, or so rare that no common library has it. The signature cannot be checked here.',
    source: 'IANA JOSE registry',
  }),
  'alg-unsupported': ({ name }) => ({
    title: `${name} is left out on purpose`,
    detail:
      'RSA1_5 can be decrypted by anyone who may ask a server often enough; PBES2 lets the sender decide how long the reader computes. Use RSA-OAEP-256, ECDH-ES or AES key wrap.',
    source: 'RFC 8725 section 3.2',
  }),
  'enc-missing': () => ({
    title: 'The header does not say how the content is encrypted',
    detail: 'An encrypted token has "enc" beside "alg".',
    source: 'RFC 7516 section 4.1.2',
  }),
  'enc-unknown': ({ name, known }) => ({
    title: `${JSON.stringify(name)} is no content encryption`,
    detail: `Known are ${known}.`,
    source: 'RFC 7518 section 5.1',
  }),
  'zip-present': () => ({
    title: 'The content is compressed',
    detail:
      'A few bytes can unpack to gigabytes, and compressed lengths leak what is inside. Strict readers refuse "zip".',
    source: 'RFC 8725 section 3.6',
  }),
  'crit-invalid': () => ({
    title: '"crit" is not as it must be',
    detail:
      'It must be an array, not empty, of names that stand in the header and that the RFCs themselves do not define.',
    source: 'RFC 7515 section 4.1.11',
  }),
  'crit-unknown': ({ name }) => ({
    title: `The token demands the extension ${JSON.stringify(name)}`,
    detail: 'A verifier that does not implement it must refuse the token.',
    source: 'RFC 7515 section 4.1.11',
  }),
  'b64-false': () => ({
    title: 'The payload is not base64url',
    detail: '"b64": false signs the payload as it is. That is for detached content and not allowed in a JWT.',
    source: 'RFC 7797 section 7',
  }),
  'header-key-inside': ({ name }) => ({
    title: `The token brings a key of its own ("${name}")`,
    detail:
      'It says nothing about who signed: whoever makes a token can put any key in. A verifier uses keys it already trusts. Only a DPoP proof is checked with the key inside it.',
    source: 'RFC 8725 section 3.8',
  }),
  'header-key-address': ({ name }) => ({
    title: `The token says where to fetch its key ("${name}")`,
    detail:
      'A verifier that follows the address fetches what an attacker wrote, perhaps from inside your network. Here nothing is fetched.',
    source: 'RFC 8725 section 3.10',
  }),
  'kid-suspicious': () => ({
    title: 'The key id looks like an attack',
    detail:
      'It is very long or holds characters that matter to a shell, a database or a file system. A key id is only ever looked up in a list.',
    source: 'RFC 8725 section 3.10',
  }),
  'signature-length': ({ alg, length, expected }) => ({
    title: `The signature has ${plural(length, 'byte', 'bytes')}; ${alg} makes ${expected}`,
    detail: 'It was cut, lengthened, or made with another algorithm. It cannot be right whatever the key.',
    source: 'RFC 7518 section 3',
  }),
  'signature-der': ({ alg }) => ({
    title: 'The signature is in DER form',
    detail: `OpenSSL, Java and .NET write ECDSA signatures so by default. ${alg} wants the two numbers r and s side by side with a fixed length. The signer must convert.`,
    source: 'RFC 7518 section 3.4',
  }),
  'json-serialization-fields': ({ name }) => ({
    title: `The JSON serialization lacks "${name}"`,
    detail: 'Or it is not a string.',
    source: 'RFC 7515 section 7.2',
  }),
  'unprotected-header': () => ({
    title: 'Part of the header is not protected',
    detail: 'Anyone on the way can change it without breaking the signature. It is not used here.',
    source: 'RFC 7515 section 7.2.1',
  }),
  'time-not-number': ({ name, found }) => ({
    title: `"${name}" is ${type(found)}`,
    detail:
      'It must be a number: seconds since 1970. A string of digits or a date in text is not the same, and a lenient reader may take it for "no limit".',
    source: 'RFC 7519 section 2',
  }),
  'time-milliseconds': ({ name }) => ({
    title: `"${name}" seems to be in milliseconds`,
    detail: 'Read as seconds it lies thousands of years ahead. JavaScript clocks give milliseconds: divide by 1000.',
    source: 'RFC 7519 section 2',
  }),
  'time-order': () => ({
    title: 'It expires before it begins',
    detail: '"exp" is not after "nbf" and "iat": there is no moment at which this token is valid.',
    source: 'RFC 7519 section 4.1',
  }),
  'claim-type': ({ name, expected, found }) => ({
    title: `"${name}" is ${type(found)}`,
    detail: `It must be ${type(expected)}.`,
    source: 'RFC 7519 section 4.1',
  }),
  'sd-disclosure-invalid': ({ index }) => ({
    title: `Disclosure ${index} cannot be read`,
    detail: 'A disclosure is an array of salt, name and value, or of salt and value for an element of an array.',
    source: 'RFC 9901 section 4.2',
  }),
  'sd-disclosure-unused': ({ name }) => ({
    title: `Nothing in the payload asks for the disclosure ${JSON.stringify(name)}`,
    detail: 'No digest matches it. It belongs to another token, or was changed; a verifier must refuse the whole.',
    source: 'RFC 9901 section 7.1',
  }),
  'sd-digest-repeated': () => ({
    title: 'A digest stands more than once',
    detail: 'Each may appear once in the payload and the disclosures together.',
    source: 'RFC 9901 section 7.1',
  }),
  'sd-algorithm-unknown': ({ name }) => ({
    title: `"_sd_alg" is ${JSON.stringify(name)}`,
    detail: 'Known here are sha-256, sha-384 and sha-512. The disclosures cannot be matched.',
    source: 'RFC 9901 section 4.1.1',
  }),
  'sd-not-terminated': () => ({
    title: 'The last tilde is missing',
    detail: 'An SD-JWT without key binding ends in a tilde. What stands after the last one is neither empty nor a JWT.',
    source: 'RFC 9901 section 4',
  }),
  'dpop-member-missing': ({ name }) => ({
    title: `The proof lacks "${name}"`,
    detail: 'A DPoP proof must have jti, htm, htu and iat, and its public key as jwk in the header.',
    source: 'RFC 9449 section 4.2',
  }),
  'dpop-private-key': () => ({
    title: 'The proof gives away its private key',
    detail: 'The header holds the private part. Whoever saw this proof can make others: replace the key.',
    source: 'RFC 9449 section 4.2',
  }),
  'dpop-symmetric': () => ({
    title: 'A proof cannot use a shared secret',
    detail: 'DPoP wants a digital signature with an asymmetric key.',
    source: 'RFC 9449 section 4.2',
  }),
};
