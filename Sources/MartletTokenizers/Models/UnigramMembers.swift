internal import MartletJSON

/// The members of a tokenizer.json whose vocabulary is an array of pieces and scores. The vocabulary is left
/// for `ScoredPieces` to read and check where it stands: only its brackets are counted here.
struct UnigramMembers {
    private(set) var root: [JSONObject.Member] = []
    private(set) var model: [JSONObject.Member] = []
    private(set) var vocabularyOffset = 0

    /// nil for any other file, and where anything is out of the ordinary.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var scanner = JSONScanner(bytes)
        guard scanner.take(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard let key = Self.key(&scanner) else { return nil }
            guard key == "model", scanner.take(UInt8(ascii: "{")) else {
                guard let value = Self.value(&scanner, bytes) else { return nil }
                root.append(.init(key: key, value: value))
                continue
            }
            repeat {
                guard let key = Self.key(&scanner) else { return nil }
                if key == "vocab" {
                    vocabularyOffset = scanner.position
                    guard scanner.isAhead(UInt8(ascii: "[")), scanner.skipValue() else { return nil }
                } else {
                    guard let value = Self.value(&scanner, bytes) else { return nil }
                    model.append(.init(key: key, value: value))
                }
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "}")) else { return nil }
        } while scanner.take(UInt8(ascii: ","))
        guard scanner.take(UInt8(ascii: "}")), scanner.isAtEnd(), vocabularyOffset > 0 else { return nil }
    }

    private static func key(_ scanner: inout JSONScanner) -> String? {
        var key: [UInt8] = []
        guard scanner.string(appendingTo: &key), scanner.take(UInt8(ascii: ":")) else { return nil }
        return String(validating: key, as: UTF8.self)
    }

    private static func value(_ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer) -> JSONValue? {
        let start = scanner.position
        guard scanner.skipValue() else { return nil }
        return try? JSONValue.parse(UnsafeRawBufferPointer(rebasing: bytes[start..<scanner.position]))
    }
}
