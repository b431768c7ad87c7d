#if Hub

import Testing

@testable import MartletHub

/// What users, environments and servers write, and what is read from it.
@Suite struct NameTests {
    static let references: [(String, String, String, String?)] = [
        ("BAAI/bge-small-en-v1.5", "BAAI/bge-small-en-v1.5", "main", nil),
        ("bge-small-en-v1.5", "BAAI/bge-small-en-v1.5", "main", nil),
        ("Nomic-Embed-Text", "nomic-ai/nomic-embed-text-v1.5", "main", nil),
        ("nomic-embed-text:latest", "nomic-ai/nomic-embed-text-v1.5", "main", nil),
        ("snowflake-arctic-embed:m", "Snowflake/snowflake-arctic-embed-m", "main", nil),
        ("all-minilm@refs/pr/1", "sentence-transformers/all-MiniLM-L6-v2", "refs/pr/1", nil),
        ("snowflake/snowflake-arctic-embed-xs", "Snowflake/snowflake-arctic-embed-xs", "main", nil),
        ("a/b@v1", "a/b", "v1", nil), ("a/b:Q8_0", "a/b", "main", "Q8_0"),
        ("a/b:x.gguf@v2", "a/b", "v2", "x.gguf"),
        ("a/b@v2:Q4_0", "a/b", "v2", "Q4_0"), ("hf.co/a/b:Q8_0", "a/b", "main", "Q8_0"),
        ("https://huggingface.co/a/b", "a/b", "main", nil), ("https://hf.co/a/b@v1", "a/b", "v1", nil),
        ("huggingface.co/a/b:Q8_0", "a/b", "main", "Q8_0"),
        ("bge-m3", "gpustack/bge-m3-GGUF", "main", nil),
    ]

    @Test(arguments: references)
    func `names of models`(text: String, repository: String, revision: String, variant: String?) throws {
        let reference = try ModelReference(text)
        #expect(reference.repository == repository)
        #expect(reference.revision == revision)
        #expect(reference.variant == variant)
    }

    @Test(arguments: [
        "", "unknown", "a/b/c", "../b", "a/..", "a/b@", "a/b@../x", "a/b@-x", "a/b@x y", "a/b:", "a/b:../x",
        "a//b", ".a/b", "a/b.",
        "a/b--c",
        "a/\u{0}b", "a/b@x/.hidden", "a b/c", "https://example.org/a",
    ])
    func `what is no model`(text: String) {
        #expect(throws: HubError.self) { try ModelReference(text) }
    }

    @Test func `a mistyped name is met with a guess`() throws {
        let error = try #require(throws: HubError.self) { try ModelReference("bge-smal-en-v1.5") }
        #expect(error.message.contains("did you mean bge-small-en-v1.5"), "\(error.message)")
        #expect(
            try #require(throws: HubError.self) { try ModelReference("zzzzzzzz") }.message.contains(
                "did you mean") == false)
    }

    static let addresses: [(String, String?, String?)] = [
        ("https://huggingface.co", "https://huggingface.co", "/"),
        ("http://h:8080/base/", "http://h:8080", "/base/"),
        ("HTTPS://Host:443/x?y=1#z", "https://host", "/x?y=1"), ("http://[::1]:9/x", "http://[::1]:9", "/x"),
        ("http://h?x", "http://h", "/?x"),
        ("ftp://h", nil, nil), ("http://", nil, nil), ("http://u:p@h/", nil, nil), ("http://h:0/", nil, nil),
        ("http://h:x/", nil, nil),
        ("http://h/a b", nil, nil), ("h/x", nil, nil), ("", nil, nil),
    ]

    @Test(arguments: addresses)
    func `addresses are read, or refused`(text: String, origin: String?, target: String?) {
        let url = HubURL(text)
        #expect(url?.origin == origin)
        #expect(url?.target == target)
    }

    @Test func `redirects lead where RFC 3986 says`() throws {
        let base = try #require(HubURL("https://h/a/b?x=1"))
        let cases = [
            ("/c?d", "https://h/c?d"), ("//other/c", "https://other/c"), ("c/d", "https://h/a/c/d"),
            ("?y", "https://h/a/b?y"),
            ("http://o:1/z", "http://o:1/z"),
        ]
        for (location, expected) in cases { #expect(base.resolving(location)?.text == expected) }
        for location in ["", "ftp://x/", "http://"] {
            #expect(base.resolving(location) == nil, "\(location)")
        }
        #expect(HubURL("https://h/base/?q")?.appending("api/x").text == "https://h/base/api/x")
        #expect(HubURL.encoded("a b/ü%", keepingSlashes: true) == "a%20b/%C3%BC%25")
        #expect(HubURL.encoded("refs/pr/1", keepingSlashes: false) == "refs%2Fpr%2F1")
    }

    private func settings(_ variables: [String: String], _ files: [String: String] = [:]) -> HubSettings {
        HubSettings(variable: { variables[$0] }, readFile: { files[$0] })
    }

    @Test func `the cache is where Python looks`() {
        let home = ["HOME": "/home/me"]
        let cases: [([String: String], String)] = [
            ([:], "/home/me/.cache/huggingface/hub"), (["XDG_CACHE_HOME": "/xdg"], "/xdg/huggingface/hub"),
            (["HF_HOME": "~/hf", "XDG_CACHE_HOME": "/xdg"], "/home/me/hf/hub"),
            (["HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
            (["HF_HUB_CACHE": "/new", "HUGGINGFACE_HUB_CACHE": "/old"], "/new"),
            (["HF_HUB_CACHE": ""], "/home/me/.cache/huggingface/hub"),
            (["HF_HOME": "$HOME/hf"], "/home/me/hf/hub"),
            (["HF_HUB_CACHE": "/x${HOME}/$NONE$/${HOME"], "/x/home/me/$NONE$/${HOME"),
        ]
        for (variables, expected) in cases {
            #expect(settings(home.merging(variables) { $1 }).cache == expected)
        }
    }

    @Test func `without HOME the cache is in the account's folder`() {
        #expect(settings([:]).cache.hasSuffix("/.cache/huggingface/hub"))
        #expect(!settings([:]).cache.hasPrefix("//"))
        #expect(settings(["HOME": "/"]).cache == "/.cache/huggingface/hub")
    }

    @Test func `token, endpoint and offline`() {
        let file = ["/h/.cache/huggingface/token": " hf_file\n", "/t": "hf_other", "/bad": "a b"]
        #expect(settings(["HOME": "/h"], file).token == "hf_file")
        #expect(settings(["HOME": "/h", "HF_TOKEN": "hf_variable"], file).token == "hf_variable")
        #expect(settings(["HOME": "/h", "HF_TOKEN_PATH": "/t"], file).token == "hf_other")
        #expect(settings(["HOME": "/h", "HF_TOKEN_PATH": "/bad"], file).token == nil)
        #expect(settings(["HOME": "/h", "HUGGING_FACE_HUB_TOKEN": "hf_old"], file).token == "hf_old")
        #expect(settings(["HF_TOKEN": "hf_new", "HUGGING_FACE_HUB_TOKEN": "hf_old"]).token == "hf_new")
        #expect(settings(["HF_TOKEN": "a\r\nX: b"]).token == nil)
        #expect(settings([:]).token == nil)
        #expect(settings(["SSL_CERT_FILE": "/ca.pem"]).authorities == "/ca.pem")
        #expect(settings(["SSL_CERT_FILE": ""]).authorities == nil)
        #expect(settings([:]).endpoint == "https://huggingface.co")
        #expect(settings(["HF_ENDPOINT": "http://mirror"]).endpoint == "http://mirror")
        for value in ["1", "true", "ON", "Yes"] { #expect(settings(["HF_HUB_OFFLINE": value]).isOffline) }
        for value in ["", "0", "no", "off"] { #expect(!settings(["HF_HUB_OFFLINE": value]).isOffline) }
        #expect(settings(["TRANSFORMERS_OFFLINE": "1"]).isOffline)
        #expect(!settings(["HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"]).isOffline, "as in Python")
    }

    @Test func `proxies as curl reads them`() throws {
        let secure = try #require(HubURL("https://hub.example.org/"))
        let plain = try #require(HubURL("http://localhost:8080/"))
        let all = settings([
            "HTTPS_PROXY": "proxy:3128", "http_proxy": "http://other:80/", "NO_PROXY": "localhost, .internal",
        ])
        #expect(try all.proxy(for: secure)?.text == "http://proxy:3128/")
        #expect(try all.proxy(for: plain) == nil)
        #expect(try settings(["ALL_PROXY": "http://p:1"]).proxy(for: plain)?.port == 1)
        #expect(
            try settings(["https_proxy": "http://p:1", "no_proxy": "example.org"]).proxy(for: secure) == nil)
        #expect(try settings(["https_proxy": "http://p:1", "no_proxy": "*"]).proxy(for: secure) == nil)
        for (port, isDirect) in [(443, true), (8443, false)] {
            let some = settings(["https_proxy": "http://p:1", "no_proxy": "hub.example.org:\(port)"])
            #expect(try (some.proxy(for: secure) == nil) == isDirect)
        }
        #expect(try settings(["https_proxy": "http://p:1", "no_proxy": "le.org"]).proxy(for: secure) != nil)
        #expect(try settings([:]).proxy(for: secure) == nil)
        for bad in ["socks5://p:1", "https://p:1", "http://u:p@host:1"] {
            #expect(throws: HubError.self) { try settings(["https_proxy": bad]).proxy(for: secure) }
        }
    }

    @Test func `pauses grow, up to a limit, and are spread`() {
        var retry = RetryPolicy()
        retry.jitter = { 1 }
        #expect(retry.delay(afterFailures: 1, serverDelay: nil) == .milliseconds(750))
        #expect(retry.delay(afterFailures: 20, serverDelay: nil) == .seconds(30) * 0.75)
        #expect(retry.delay(afterFailures: 3, serverDelay: .seconds(9)) == .seconds(9))
    }
}

#endif
