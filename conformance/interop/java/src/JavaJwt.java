import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Map;

/** Auth0 java-jwt, with keys read from PEM by the JDK: the library itself reads no key format. */
final class JavaJwt implements Library {
  @Override
  public String version() {
    String jar = JWT.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*java-jwt-|\\.jar$", "");
  }

  @Override
  public String sign(JsonNode request, Map<String, Object> claims) throws Exception {
    return JWT.create().withPayload(claims).sign(algorithm(request));
  }

  @Override
  public Map<String, Object> verify(JsonNode request) throws Exception {
    String payload = JWT.require(algorithm(request)).build().verify(request.get("token").asText()).getPayload();
    return new ObjectMapper().readValue(Base64.getUrlDecoder().decode(payload), new TypeReference<>() {});
  }

  private static Algorithm algorithm(JsonNode request) throws Exception {
    String name = request.get("alg").asText();
    return switch (name) {
      case "HS256" -> Algorithm.HMAC256(secret(request));
      case "HS384" -> Algorithm.HMAC384(secret(request));
      case "HS512" -> Algorithm.HMAC512(secret(request));
      case "RS256" -> Algorithm.RSA256(rsaPublic(request), rsaPrivate(request));
      case "RS384" -> Algorithm.RSA384(rsaPublic(request), rsaPrivate(request));
      case "RS512" -> Algorithm.RSA512(rsaPublic(request), rsaPrivate(request));
      case "ES256" -> Algorithm.ECDSA256(ecPublic(request), ecPrivate(request));
      case "ES384" -> Algorithm.ECDSA384(ecPublic(request), ecPrivate(request));
      case "ES512" -> Algorithm.ECDSA512(ecPublic(request), ecPrivate(request));
      default -> throw new UnsupportedOperationException("java-jwt has no " + name);
    };
  }

  private static byte[] secret(JsonNode request) {
    return Base64.getUrlDecoder().decode(request.get("jwk").get("k").asText());
  }

  private static RSAPublicKey rsaPublic(JsonNode request) throws Exception {
    return signs(request) ? null : (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(spki(request));
  }

  private static RSAPrivateKey rsaPrivate(JsonNode request) throws Exception {
    return signs(request) ? (RSAPrivateKey) KeyFactory.getInstance("RSA").generatePrivate(pkcs8(request)) : null;
  }

  private static ECPublicKey ecPublic(JsonNode request) throws Exception {
    return signs(request) ? null : (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(spki(request));
  }

  private static ECPrivateKey ecPrivate(JsonNode request) throws Exception {
    return signs(request) ? (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(pkcs8(request)) : null;
  }

  private static boolean signs(JsonNode request) {
    return request.get("op").asText().equals("sign");
  }

  private static X509EncodedKeySpec spki(JsonNode request) {
    return new X509EncodedKeySpec(der(request));
  }

  private static PKCS8EncodedKeySpec pkcs8(JsonNode request) {
    return new PKCS8EncodedKeySpec(der(request));
  }

  private static byte[] der(JsonNode request) {
    return Base64.getMimeDecoder().decode(request.get("pem").asText().replaceAll("-----[A-Z ]+-----", ""));
  }
}
