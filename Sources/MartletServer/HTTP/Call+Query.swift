#if Server

internal import HTTPTypes
internal import MartletJSON

extension Call {
    /// A value of the part of the path after `?`.
    func query(_ name: String) -> String? {
        guard let path = head.path, let mark = path.firstIndex(of: "?") else { return nil }
        for pair in path[path.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.first.map({ String($0).percentDecoded }) == name, parts.count == 2 {
                return String(parts[1].map { $0 == "+" ? " " : $0 }).percentDecoded
            }
        }
        return nil
    }

    /// A part of a list as OpenAI's clients page through it: `limit`, `order`, `after` and `before`.
    /// - Parameters:
    ///   - items: The oldest first.
    ///   - id: What `after` and `before` name.
    func page<Item>(_ items: [Item], id: (Item) -> String, _ json: (Item) -> JSONValue) throws(ServiceError)
        -> JSONValue
    {
        var limit = 20
        if let text = query("limit") {
            guard let number = Int(text), (1...10_000).contains(number) else {
                throw .invalid("limit", "limit is \(text.quotedForMessage), expected 1 to 10000")
            }
            limit = number
        }
        let order = query("order") ?? "desc"
        guard order == "asc" || order == "desc" else {
            throw .invalid("order", "order is \(order.quotedForMessage), expected asc or desc")
        }
        var rest = (order == "asc" ? items : items.reversed())[...]
        if let after = query("after") {
            guard let place = rest.firstIndex(where: { id($0) == after }) else {
                throw .invalid("after", "after is \(after.quotedForMessage), which is not in the list")
            }
            rest = rest[(place + 1)...]
        }
        if let before = query("before") {
            guard let place = rest.firstIndex(where: { id($0) == before }) else {
                throw .invalid("before", "before is \(before.quotedForMessage), which is not in the list")
            }
            rest = rest[..<place].suffix(limit)
        }
        let page = rest.prefix(limit)
        return .object([
            "object": "list", "data": .array(page.map(json)),
            "first_id": page.first.map { .string(id($0)) } ?? .null,
            "last_id": page.last.map { .string(id($0)) } ?? .null, "has_more": .bool(page.count < rest.count),
        ])
    }
}

#endif
