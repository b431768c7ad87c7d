#if Server

internal import CMartletPage
internal import HTTPTypes

/// The page for people, where the server answers programs that it runs.
enum Page {
    /// The page, if the client wants HTML before anything else, as browsers do.
    static func reply(to head: HTTPRequest) -> Reply? {
        guard prefersHTML(head.headerFields[.accept]) else { return nil }
        let nonce = nonce()
        var reply = Reply(text: "", type: "text/html; charset=utf-8")
        reply.body = .bytes(html(nonce))
        reply.headers = [
            (.contentSecurityPolicy, policy(nonce)), (.cacheControl, "no-cache"), (.vary, "accept"),
            (.xContentTypeOptions, "nosniff"),
            (.referrerPolicy, "no-referrer"),
        ]
        return reply
    }

    /// Only this page's own script and style run, and they reach this server alone.
    private static func policy(_ nonce: String) -> String {
        "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; img-src data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    /// 128 random bits, for one answer.
    private static func nonce() -> String {
        var bytes: [UInt8] = []
        withUnsafeBytes(of: (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))) {
            Base64.append($0, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func html(_ nonce: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.count + nonce.utf8.count })
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes.append(contentsOf: nonce.utf8) }
            bytes.append(contentsOf: part)
        }
        return bytes
    }

    /// What stands between the places of the nonce.
    private static let parts: [ArraySlice<UInt8>] = {
        let page = Array(UnsafeRawBufferPointer(start: martlet_page_bytes(), count: martlet_page_size()))
        let mark = Array("{nonce}".utf8)
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index + mark.count <= page.count {
            if page[index] == mark[0], page[index..<index + mark.count].elementsEqual(mark) {
                parts.append(page[start..<index])
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        return parts + [page[start...]]
    }()

    /// Whether HTML is named, and nothing else that the route gives is wanted more (RFC 9110, 12.5.1).
    static func prefersHTML(_ accept: String?) -> Bool {
        var html = 0.0
        var other = 0.0
        for range in (accept ?? "").lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.drop { $0 == " " || $0 == "\t" } }
            guard let name = parts.first?.prefix(while: { $0 != " " && $0 != "\t" }) else { continue }
            let given = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            let weight = given.map { Double($0) ?? 0 } ?? 1
            switch name {
            case "text/html", "application/xhtml+xml": html = max(html, weight)
            case "text/plain", "application/json": other = max(other, weight)
            default: break
            }
        }
        return html > other
    }
}

extension HTTPField.Name {
    /// Not among the package's names; the text is well formed.
    fileprivate static let referrerPolicy = HTTPField.Name("referrer-policy") ?? .via
}

#endif
