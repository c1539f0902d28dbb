import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** One Java library behind the line protocol. A refusal is whatever it throws. */
interface Library {
  String version();

  String sign(JsonNode request, Map<String, Object> claims) throws Exception;

  /** The payload that the library decoded, once it has verified the token. */
  Map<String, Object> verify(JsonNode request) throws Exception;
}
