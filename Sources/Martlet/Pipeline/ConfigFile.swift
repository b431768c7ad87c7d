package import MartletJSON

/// A JSON object in a file; a member of the wrong kind is an error that names the file and the key.
package struct ConfigFile: Sendable {
    package let path: String
    package let object: JSONObject

    package init(path: String, object: JSONObject) {
        self.path = path
        self.object = object
    }

    /// The member, or nil if it is absent or null.
    package subscript(key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    package func string(_ key: String) throws(MartletError) -> String? {
        guard let value = self[key] else { return nil }
        guard let string = value.string else { throw wrongKind(key, "a string", value) }
        return string
    }

    package func bool(_ key: String) throws(MartletError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard let bool = value.bool else { throw wrongKind(key, "true or false", value) }
        return bool
    }

    /// A whole number from 1 to 2^31 - 1.
    package func size(_ key: String) throws(MartletError) -> Int? {
        guard let value = self[key] else { return nil }
        guard let size = value.int, size > 0, size <= Int(Int32.max) else {
            throw wrongKind(key, "a whole number from 1 on", value)
        }
        return size
    }

    package func requireSize(_ key: String) throws(MartletError) -> Int {
        guard let size = try size(key) else {
            throw .malformed(path, "\"\(key)\" is missing; expected a whole number from 1 on")
        }
        return size
    }

    func wrongKind(_ key: String, _ expected: String, _ found: JSONValue) -> MartletError {
        var text = found.kind
        if let number = found.double { text = found.int.map { "\($0)" } ?? "\(number)" }
        if let string = found.string { text = string.quotedForMessage }
        return .malformed(path, "\"\(key)\": expected \(expected), found \(text)")
    }
}
