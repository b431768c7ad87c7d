#if Server

import Martlet
import MartletJSON
import Testing

@testable import MartletServer

@Suite struct SettingTests {
    private func configuration(
        file: String? = nil, environment: [String: String] = [:],
        options: [(name: String, value: String)] = []
    ) throws(ServerError) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        try configuration.apply(
            file: file.map { ($0, "martlet.json") }, environment: { environment[$0] }, options: options)
        return configuration
    }

    @Test func optionsWinOverTheEnvironmentAndThatOverTheFile() throws {
        let file = #"{"port": 1, "host": "file", "max-queue": 7, "model": ["a=x", "y/b.gguf"]}"#
        let found = try configuration(
            file: file, environment: ["MARTLET_PORT": "2", "MARTLET_HOST": "env"], options: [("port", "3")])
        #expect(found.port == 3 && found.host == "env" && found.maxQueue == 7)
        #expect(found.models.map(\.name) == ["a", "b"] && found.models[1].path == "y/b.gguf")
    }

    @Test func namesOfModels() throws {
        let found = try configuration(
            options: ["acme/small=x", "./a=b/c", "/a=b", "d/e/f=g", "bm25"].map { ("model", $0) })
        #expect(found.models.map(\.name) == ["acme/small", "c", "a=b", "f=g", "bm25"])
        #expect(found.models.map(\.path) == ["x", "./a=b/c", "/a=b", "d/e/f=g", "bm25"])
    }

    @Test func bytesAndDurations() throws {
        let found = try configuration(options: [
            ("cache-bytes", "16MiB"), ("max-memory", "2G"), ("keep-alive", "5m"), ("request-timeout", "-1"),
        ])
        #expect(
            found.cacheBytes == 16 << 20 && found.maxMemory == 2 << 30 && found.keepAlive == 300
                && found.requestTimeout == nil)
    }

    @Test(arguments: [
        ("port", "x"), ("port", ""), ("port", "-1"), ("port", "99999999999999999999"),
        ("max-memory", "9000000000G"), ("precision", "f64"),
        ("keep-alive", "soon"), ("preload", "maybe"), ("log-format", "xml"), ("model", ""), ("model", "=x"),
        ("model", "a="),
    ])
    func wrongValuesNameTheSetting(name: String, value: String) {
        #expect { try configuration(options: [(name, value)]) } throws: { error in
            (error as? ServerError)?.message.hasPrefix("--\(name): \(name) is") == true
        }
    }

    @Test(arguments: [
        ("max-queue", "0"), ("port", "65536"), ("threads", "1025"), ("body-timeout", "0"),
    ])
    func numbersHaveRanges(name: String, value: String) throws {
        var given = try configuration(options: [("model", "a"), (name, value)])
        given.maxClientBatch = 1
        #expect { try given.check() } throws: {
            ($0 as? ServerError)?.message.hasPrefix("\(name) is \(value), expected ") == true
        }
    }

    @Test func wrongFiles() {
        for (file, message) in [
            ("{", "martlet.json: line 1"), ("[]", "expected a JSON object"),
            (#"{"prot": 1}"#, "unknown setting \"prot\""),
            (#"{"port": 1.5}"#, "port is a number"), (#"{"port": {}}"#, "port is an object"),
        ] {
            #expect { try configuration(file: file) } throws: {
                ($0 as? ServerError)?.message.contains(message) == true
            }
        }
    }

    @Test func whatIsPrintedReadsBackAndHidesTheKey() throws {
        let given = try configuration(options: [
            ("api-key", "secret"), ("model", "a=x"), ("keep-alive", "90"),
            ("cors-origin", "https://a, https://b"),
        ])
        #expect(
            !given.text.contains("secret")
                && given.text.contains("\"cors-origin\": [\"https://a\",\"https://b\"]"))
        let again = try configuration(file: given.text)
        #expect(
            again.models.map(\.name) == ["a"] && again.keepAlive == 90 && again.port == given.port
                && again.apiKey == "***")
        #expect(again.text == given.text)
    }

    @Test func contradictionsAreErrors() {
        func check(_ change: (inout ServerConfiguration) -> Void) -> Bool {
            var configuration = ServerConfiguration()
            configuration.models = [ModelEntry(path: "a")]
            change(&configuration)
            do throws(ServerError) { try configuration.check() } catch { return false }
            return true
        }
        #expect(check { _ in })
        #expect(!check { $0.models = [] })
        #expect(!check { $0.models.append(ModelEntry(path: "b/a")) })
        #expect(!check { $0.tlsKey = "k" })
        #expect(!check { $0.maxQueue = 1 })
        #expect(!check { $0.port = 70_000 })
        #expect(!check { $0.apiKey = "" })
        #expect(!check { $0.maxRequestBytes = 1 << 40 })
    }
}

#endif
