internal import MartletJSON

/// A member of a JSON value, by its name or by a path with dots whose numbers count elements of arrays:
/// `messages.0.content`.
struct MemberPath: Sendable {
    private let name: String
    private let parts: [String]

    init(_ name: String) {
        self.name = name
        parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// A path that leads into the value that is being read, and how many of its parts have been followed.
    private typealias Active = (path: Int, depth: Int)

    /// Where the value of each path is in `bytes`, which must be one JSON object; all of it is checked.
    static func find(_ paths: [MemberPath], in bytes: UnsafeRawBufferPointer) throws(JSONError)
        -> [FoundMember?]
    {
        var found = [FoundMember?](repeating: nil, count: paths.count)
        var reader = JSONReader(bytes)
        try scanObject(&reader, paths, active: paths.indices.map { ($0, 0) }, &found)
        try reader.finish()
        return found
    }

    private static func scanObject(
        _ reader: inout JSONReader, _ paths: [MemberPath], active: [Active], _ found: inout [FoundMember?]
    ) throws(JSONError) {
        try reader.beginObject()
        while let key = try reader.nextKey() { try scanValue(&reader, key, paths, active: active, &found) }
    }

    private static func scanArray(
        _ reader: inout JSONReader, _ paths: [MemberPath], active: [Active], _ found: inout [FoundMember?]
    ) throws(JSONError) {
        try reader.beginArray()
        var index = 0
        while try reader.nextElement() {
            try scanValue(&reader, String(index), paths, active: active, &found)
            index += 1
        }
    }

    private static func scanValue(
        _ reader: inout JSONReader, _ key: String, _ paths: [MemberPath], active: [Active],
        _ found: inout [FoundMember?]
    ) throws(JSONError) {
        let kind = try reader.peek()
        let start = reader.offset
        var inside: [Active] = []
        if kind == .object || kind == .array {
            for (path, depth) in active where paths[path].continues(key, depth) {
                inside.append((path, depth + 1))
            }
        }
        if inside.isEmpty {
            try reader.skipValue()
        } else if kind == .object {
            try scanObject(&reader, paths, active: inside, &found)
        } else {
            try scanArray(&reader, paths, active: inside, &found)
        }
        for (path, depth) in active where paths[path].ends(key, depth) {
            let isFull = depth == 0
            if isFull || found[path]?.isFullName != true {
                found[path] = FoundMember(range: start..<reader.offset, kind: kind, isFullName: isFull)
            }
        }
    }

    private func continues(_ key: String, _ depth: Int) -> Bool {
        depth + 1 < parts.count && parts[depth] == key
    }

    private func ends(_ key: String, _ depth: Int) -> Bool {
        depth == 0 ? key == name : depth == parts.count - 1 && parts[depth] == key
    }
}

struct FoundMember {
    let range: Range<Int>
    let kind: JSONReader.Kind
    /// Found by its whole name, at the root.
    let isFullName: Bool

    func string(in bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var reader = JSONReader(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
        return try? reader.readString()
    }
}

extension JSONReader.Kind {
    /// In words, for messages.
    var words: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
