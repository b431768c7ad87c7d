import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;

/**
 * The JDK's HttpClient as Spring AI and LangChain4j use it: by default it offers an upgrade to h2c with each
 * request of a new connection, and keeps connections open. Run as `java JavaClient.java URL`; prints the last answer.
 */
public class JavaClient {
    static final String BODY = "{\"input\": \"How do I cook pasta?\"}";

    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        String last = null;
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpClient client = HttpClient.newBuilder().version(version).connectTimeout(Duration.ofSeconds(10)).build();
            // One connection, again and again: after the offer to upgrade, too.
            for (int i = 0; i < 5; i++) {
                last = text(client.send(post(url, BodyPublishers.ofString(BODY)), BodyHandlers.ofString()), 200);
            }
            // Without a length: chunked.
            byte[] bytes = BODY.getBytes(StandardCharsets.UTF_8);
            text(client.send(post(url, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))), BodyHandlers.ofString()), 200);
            HttpRequest waiting = HttpRequest.newBuilder(post(url, BodyPublishers.ofString(BODY)), (name, value) -> true).expectContinue(true).build();
            text(client.send(waiting, BodyHandlers.ofString()), 200);
            String large = "{\"input\": [\"" + "word ".repeat(200_000) + "\"]}";
            text(client.send(post(url, BodyPublishers.ofString(large)), BodyHandlers.ofString()), 200);
            // An error leaves the connection as it was.
            text(client.send(post(url, BodyPublishers.ofString("{")), BodyHandlers.ofString()), 400);
            HttpRequest models = HttpRequest.newBuilder(URI.create(url + "/v1/models")).timeout(Duration.ofSeconds(20)).build();
            text(client.send(models, BodyHandlers.ofString()), 200);
            HttpRequest head = HttpRequest.newBuilder(URI.create(url + "/health")).method("HEAD", BodyPublishers.noBody()).timeout(Duration.ofSeconds(20)).build();
            text(client.send(head, BodyHandlers.ofString()), 200);
            var answers = new ArrayList<java.util.concurrent.CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 64; i++) {
                answers.add(client.sendAsync(post(url, BodyPublishers.ofString(BODY)), BodyHandlers.ofString()));
            }
            for (var answer : answers) {
                text(answer.get(), 200);
            }
        }
        System.out.println(last);
    }

    static HttpRequest post(String url, HttpRequest.BodyPublisher body) {
        return HttpRequest.newBuilder(URI.create(url + "/v1/embeddings")).header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(20)).POST(body).build();
    }

    static String text(HttpResponse<String> answer, int status) {
        if (answer.statusCode() != status || answer.version() != HttpClient.Version.HTTP_1_1) {
            throw new IllegalStateException(answer + ": " + answer.body());
        }
        return answer.body();
    }
}
