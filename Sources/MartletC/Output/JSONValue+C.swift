import MartletJSON
import MartletSystem

extension JSONValue {
    /// An object with its members in order.
    static func members(_ members: (String, JSONValue)...) -> JSONValue {
        .object(JSONObject(members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    /// A float by the shortest decimal that reads back as the same; null for one that is not finite.
    static func float(_ value: Float) -> JSONValue {
        value.isFinite ? Double("\(value)").map(JSONValue.number) ?? .null : .null
    }

    var text: String {
        var bytes: [UInt8] = []
        JSONText.append(self, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Text of the C interface in memory of the C library, which `martlet_string_free` or the owner frees.
enum CText {
    /// A copy; nil only without memory.
    static func copy(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

    /// A string of the caller; nil for NULL.
    /// - Throws: If it is not UTF-8.
    static func read(_ text: UnsafePointer<CChar>?, _ name: String) throws(CallError) -> String? {
        guard let text else { return nil }
        guard let string = String(validatingCString: text) else { throw .argument("\(name) is not UTF-8") }
        return string
    }
}
