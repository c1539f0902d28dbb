/**
 * Secrets that people choose: words of tutorials, templates and habit, each with the changes that people make to them. About twenty
 * thousand; a file of words adds to them.
 */

const WORDS: readonly string[] = (
  'secret secrets password passw0rd passwd pass changeme change-me change_me changethis change-this jwt jwtsecret jwt-secret jwt_secret ' +
  'jwtkey jwt-key jwt_key mysecret my-secret my_secret mysecretkey my-secret-key my_secret_key mykey supersecret super-secret ' +
  'super_secret supersecretkey super-secret-key super_secret_key topsecret top-secret verysecret very-secret secretkey secret-key secret_key ' +
  'thesecret thisisasecret this-is-a-secret thisismysecret shhh shhhh shhhhh shhhhhh yoursecret your-secret your_secret yoursecretkey ' +
  'your-secret-key your_secret_key your-256-bit-secret your-384-bit-secret your-512-bit-secret your_jwt_secret your-jwt-secret ' +
  'default defaultsecret example test tests testing tester testsecret test-secret test_secret testkey demo sample token tokensecret ' +
  'token-secret token_secret accesstoken access_token refreshtoken refresh_token access refresh auth authsecret auth-secret auth_secret authkey ' +
  'admin administrator root user guest login api apikey api-key api_key apisecret api_secret app appkey app_key appsecret app_secret server ' +
  'client clientsecret client_secret session sessionsecret session_secret cookie cookiesecret key private privatekey private_key signingkey ' +
  'signing-key signing_key signature hmac hs256 hash sha256 rsa express node nodejs laravel django flask spring rails nextauth next-auth auth0 ' +
  'keycloak docker kubernetes localhost local dev develop development staging stage prod production live company acme foo bar foobar baz qux ' +
  'qwerty qwertz asdf asdfgh zxcvbn letmein welcome hello helloworld hello-world hi world iloveyou monkey dragon master shadow sunshine princess ' +
  'football baseball superman batman trustno1 abc abcd abcdef abc123 xyz aaa aaaa aaaaaa keyboardcat keyboard-cat keyboard_cat ' +
  'correcthorsebatterystaple something anything nothing random randomstring random-string random_string string text value none null undefined ' +
  'true false temp tmp temporary gundam bitcoin ninja pokemon starwars matrix internet computer summer winter spring autumn january monday'
).split(' ');

const PHRASES: readonly string[] = [
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  'keyboard cat',
  'my secret',
  'my secret key',
  'this is a secret',
  'super secret',
  'top secret',
  '00000000000000000000000000000000',
  '0123456789abcdef0123456789abcdef',
  '12345678901234567890123456789012',
  'abcdefghijklmnopqrstuvwxyz123456',
  'AllYourBase',
  'shhhhhared-secret',
];

const ENDINGS: readonly string[] = (
  ' 0 1 2 3 7 9 00 01 11 12 21 42 69 99 007 111 123 321 666 777 1234 4321 12345 54321 123456 1234567 12345678 123456789 1234567890 ! !! ? . $ ' +
  '@ # 1! 12! 123! 1234! @1 @123 @1234 #1 #123 _1 _123 -1 -123 2020 2021 2022 2023 2024 2025 2026 key -key _key Key secret -secret'
).split(' ');

const DIGITS = ['0', '1', '12', '123', '1234', '12345', '123456', '1234567', '12345678', '123456789', '1234567890'];

/** Each once in its order of likelihood: words as they are, then changed. */
export function* commonSecrets(): Generator<string> {
  yield* WORDS;
  yield* PHRASES;
  yield* DIGITS;
  for (const ending of ENDINGS) {
    for (const word of WORDS) {
      if (ending !== '') yield word + ending;
      yield capitalised(word) + ending;
      yield word.toUpperCase() + ending;
    }
  }
  for (const word of WORDS) {
    yield word + word;
    yield word.repeat(Math.ceil(32 / word.length)).slice(0, 32);
  }
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
