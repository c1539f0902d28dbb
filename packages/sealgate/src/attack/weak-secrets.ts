/** Secrets that stand in tutorials, templates and defaults. Short on purpose: a real word list is the work of `sealgate crack`. */

const WORDS = `secret secret1 secret123 mysecret my-secret my_secret mysecretkey my-secret-key my_secret_key secretkey secret-key
  secret_key supersecret super-secret super_secret supersecretkey super-secret-key topsecret top-secret verysecret shhhhh shhhhhared-secret
  shared-secret sharedsecret jwt jwtsecret jwt-secret jwt_secret JWT_SECRET jwtkey jwt-key jwt_key jwtpassword token tokensecret
  token-secret token_secret key keyboardcat privatekey private-key private_key signingkey signing-key password password1 password123
  passw0rd P@ssw0rd pass admin admin123 administrator root toor changeme change-me change_me changeit please-change-me default test
  test123 testing testsecret test-secret dev development devsecret dev-secret local localhost demo example example_key sample hello
  helloworld hello-world foo bar foobar baz abc abc123 qwerty letmein welcome iloveyou dragon monkey 0 1 12 123 1234 12345 123456 1234567
  12345678 123456789 1234567890 0123456789 0123456789abcdef 11111111 00000000 aaaaaaaa your-256-bit-secret your-384-bit-secret
  your-512-bit-secret your_jwt_secret your-jwt-secret your-secret your_secret your-secret-key your_secret_key yoursecret yoursecretkey
  a-string-secret-at-least-256-bits-long a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long node nodejs express api
  apikey api-key app appsecret app-secret app_secret server session sessionsecret auth authsecret auth-secret access accesstoken
  access-secret refresh company acme ACME production prod staging hs256 HS256 hmac s3cr3t s3cret S3cr3t sesame undefined null true none
  object`;

export const WEAK_SECRETS: readonly string[] = [
  '',
  'keyboard cat',
  'my secret',
  'my secret key',
  '[object Object]',
  ...WORDS.split(/\s+/u),
];
