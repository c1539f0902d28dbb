package test.sealgate.bench;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.oauth2.resource.reactive.JwkSetUriReactiveJwtDecoderBuilderCustomizer;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;

/**
 * Spring Cloud Gateway in front of one origin, guarded by Spring Security's resource server. Where it listens, the origin, the
 * issuer, its keys and the audience come from the command line, as Spring's own properties.
 */
@SpringBootApplication
public class SpringGateway {
  public static void main(String[] arguments) {
    SpringApplication.run(SpringGateway.class, arguments);
  }

  @Bean
  SecurityWebFilterChain guard(ServerHttpSecurity http) {
    return http
        .csrf(ServerHttpSecurity.CsrfSpec::disable)
        .authorizeExchange(exchanges -> exchanges.anyExchange().hasAuthority("SCOPE_orders:read"))
        .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
        .build();
  }

  /** Access tokens of RFC 9068, which Spring Security does not take by itself. */
  @Bean
  JwkSetUriReactiveJwtDecoderBuilderCustomizer typ() {
    return builder ->
        builder.jwtProcessorCustomizer(
            processor ->
                processor.setJWSTypeVerifier(
                    new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt"))));
  }

  /** Tells the origin who asks. */
  @Bean
  GlobalFilter identity() {
    return (exchange, chain) ->
        exchange
            .getPrincipal()
            .map(
                principal ->
                    exchange
                        .mutate()
                        .request(request -> request.headers(headers -> headers.set("x-user-id", principal.getName())))
                        .build())
            .flatMap(chain::filter);
  }
}
