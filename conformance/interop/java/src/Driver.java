import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** jjwt, Auth0 java-jwt and Nimbus behind the line protocol of ../protocol.ts: a JSON request a line in, an answer a line out. */
public final class Driver {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Library> LIBRARIES =
      new TreeMap<>(Map.of("jjwt", new Jjwt(), "java-jwt", new JavaJwt(), "Nimbus JOSE+JWT", new Nimbus()));

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode request = JSON.readTree(line);
      ObjectNode answer = answer(request);
      answer.set("id", request.get("id"));
      System.out.println(JSON.writeValueAsString(answer));
      System.out.flush();
    }
  }

  private static ObjectNode answer(JsonNode request) {
    ObjectNode answer = JSON.createObjectNode();
    if (request.get("op").asText().equals("hello")) {
      ObjectNode libraries = answer.putObject("libraries");
      LIBRARIES.forEach((name, library) -> libraries.put(name, library.version()));
      return answer;
    }
    Library library = LIBRARIES.get(request.get("library").asText());
    try {
      if (request.get("op").asText().equals("sign")) {
        Map<String, Object> claims = JSON.convertValue(request.get("claims"), new TypeReference<>() {});
        answer.put("token", library.sign(request, claims));
      } else {
        answer.set("claims", JSON.valueToTree(library.verify(request)));
      }
      return answer.put("ok", true);
    } catch (Exception error) { // whatever it throws is its refusal
      return answer.put("ok", false).put("error", error.toString());
    }
  }
}
