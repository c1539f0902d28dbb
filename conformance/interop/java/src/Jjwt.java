import com.fasterxml.jackson.databind.JsonNode;
import io.jsonwebtoken.JwtParserBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.Jwks;
import io.jsonwebtoken.security.SecureDigestAlgorithm;
import java.security.Key;
import java.security.PublicKey;
import java.util.Map;
import javax.crypto.SecretKey;

/** jjwt, with keys read as JWK. */
final class Jjwt implements Library {
  @Override
  public String version() {
    return Jwts.class.getPackage().getImplementationVersion();
  }

  @Override
  public String sign(JsonNode request, Map<String, Object> claims) {
    return sign(key(request), algorithm(request), claims);
  }

  /** Jjwt ties an algorithm's type to its key's type; which they are is known at run time only. */
  @SuppressWarnings("unchecked")
  private static <K extends Key> String sign(Key key, SecureDigestAlgorithm<K, ?> algorithm, Map<String, Object> claims) {
    return Jwts.builder().header().type("JWT").and().claims(claims).signWith((K) key, algorithm).compact();
  }

  @Override
  public Map<String, Object> verify(JsonNode request) {
    JwtParserBuilder parser = Jwts.parser().sig().clear().add(algorithm(request)).and();
    Key key = key(request);
    if (key instanceof SecretKey secret) parser.verifyWith(secret);
    else parser.verifyWith((PublicKey) key);
    return parser.build().parseSignedClaims(request.get("token").asText()).getPayload();
  }

  private static Key key(JsonNode request) {
    Jwk<?> jwk = Jwks.parser().build().parse(request.get("jwk").toString());
    return jwk.toKey();
  }

  private static SecureDigestAlgorithm<?, ?> algorithm(JsonNode request) {
    return Jwts.SIG.get().forKey(request.get("alg").asText());
  }
}
