import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Nimbus JOSE+JWT, with keys read as JWK; Bouncy Castle behind it for the curve that Java 16 removed. */
final class Nimbus implements Library {
  private static final BouncyCastleProvider BOUNCY_CASTLE = new BouncyCastleProvider();

  @Override
  public String version() {
    String jar = SignedJWT.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*nimbus-jose-jwt-|\\.jar$", "");
  }

  @Override
  public String sign(JsonNode request, Map<String, Object> claims) throws Exception {
    JWSHeader header = new JWSHeader.Builder(algorithm(request)).type(JOSEObjectType.JWT).build();
    SignedJWT token = new SignedJWT(header, JWTClaimsSet.parse(claims));
    token.sign(signer(key(request), algorithm(request)));
    return token.serialize();
  }

  private static JWSSigner signer(JWK key, JWSAlgorithm algorithm) throws Exception {
    if (!algorithm.equals(JWSAlgorithm.ES256K)) return new DefaultJWSSignerFactory().createJWSSigner(key, algorithm);
    ECDSASigner signer = new ECDSASigner(key.toECKey().toECPrivateKey(BOUNCY_CASTLE), Curve.SECP256K1);
    signer.getJCAContext().setProvider(BOUNCY_CASTLE);
    return signer;
  }

  @Override
  public Map<String, Object> verify(JsonNode request) throws Exception {
    SignedJWT token = SignedJWT.parse(request.get("token").asText());
    if (!token.getHeader().getAlgorithm().equals(algorithm(request))) throw new SecurityException("another algorithm");
    if (!token.verify(verifier(key(request)))) throw new SecurityException("signature");
    return token.getPayload().toJSONObject();
  }

  private static JWSVerifier verifier(JWK key) throws Exception {
    if (key instanceof OctetSequenceKey secret) return new MACVerifier(secret);
    if (key instanceof RSAKey rsa) return new RSASSAVerifier(rsa);
    if (key instanceof ECKey ec) {
      ECDSAVerifier verifier = new ECDSAVerifier(ec);
      if (ec.getCurve().equals(Curve.SECP256K1)) verifier.getJCAContext().setProvider(BOUNCY_CASTLE);
      return verifier;
    }
    if (key instanceof OctetKeyPair pair) return new Ed25519Verifier(pair);
    throw new UnsupportedOperationException("Nimbus verifies no " + key.getKeyType());
  }

  private static JWK key(JsonNode request) throws Exception {
    return JWK.parse(request.get("jwk").toString());
  }

  private static JWSAlgorithm algorithm(JsonNode request) {
    return JWSAlgorithm.parse(request.get("alg").asText());
  }
}
