# ruby-jwt behind the line protocol of ../protocol.ts: a JSON request a line in, a JSON answer a line out.
require 'base64'
require 'json'
require 'jwt'

# A secret's bytes, or PEM read by OpenSSL: what the library documents for its `key` argument.
def key_of(request)
  secret = request['jwk']['k']
  secret ? Base64.urlsafe_decode64(secret) : OpenSSL::PKey.read(request['pem'])
end

def answer(request)
  case request['op']
  when 'hello'
    { ok: true, libraries: { 'ruby-jwt' => JWT.gem_version.to_s } }
  when 'sign'
    { ok: true, token: JWT.encode(request['claims'], key_of(request), request['alg'], { typ: 'JWT' }) }
  else
    claims, = JWT.decode(request['token'], key_of(request), true, { algorithm: request['alg'] })
    { ok: true, claims: claims }
  end
rescue StandardError, NotImplementedError => e # whatever it raises is its refusal
  { ok: false, error: "#{e.class}: #{e.message}"[0, 200] }
end

$stdout.sync = true
$stdin.each_line do |line|
  request = JSON.parse(line)
  puts JSON.generate({ id: request['id'] }.merge(answer(request)))
end
