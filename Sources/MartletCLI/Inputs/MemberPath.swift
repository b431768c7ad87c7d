#if Command

import MartletJSON

/// A member of a JSON object, by its name or by a path with dots.
struct MemberPath: Sendable {
    private let name: String
    private let parts: [String]

    init(_ name: String) {
        self.name = name
        parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// Where the value of each path stands in `bytes`, which must be one JSON object; all of it is checked.
    static func find(_ paths: [MemberPath], in bytes: UnsafeRawBufferPointer) throws(JSONError) -> [FoundMember?] {
        var found = [FoundMember?](repeating: nil, count: paths.count)
        var reader = JSONReader(bytes)
        try scan(&reader, paths, active: paths.indices.map { ($0, 0) }, &found)
        try reader.finish()
        return found
    }

    /// `active`: the paths that lead into this object, and how many of their parts lie behind.
    private static func scan(
        _ reader: inout JSONReader, _ paths: [MemberPath], active: [(path: Int, depth: Int)], _ found: inout [FoundMember?]
    ) throws(JSONError) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            let kind = try reader.peek()
            let start = reader.offset
            var inside: [(path: Int, depth: Int)] = []
            for (path, depth) in active where kind == .object && paths[path].continues(key, depth) { inside.append((path, depth + 1)) }
            if inside.isEmpty { try reader.skipValue() } else { try scan(&reader, paths, active: inside, &found) }
            for (path, depth) in active where paths[path].ends(key, depth) {
                let isFull = depth == 0
                if isFull || found[path]?.isFullName != true {
                    found[path] = FoundMember(range: start..<reader.offset, kind: kind, isFullName: isFull)
                }
            }
        }
    }

    private func continues(_ key: String, _ depth: Int) -> Bool { depth + 1 < parts.count && parts[depth] == key }

    private func ends(_ key: String, _ depth: Int) -> Bool {
        depth == 0 ? key == name : depth == parts.count - 1 && parts[depth] == key
    }
}

struct FoundMember {
    let range: Range<Int>
    let kind: JSONReader.Kind
    /// Found by its name as a whole, at the root.
    let isFullName: Bool

    func string(in bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var reader = JSONReader(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
        return try? reader.readString()
    }

    var kindName: String {
        switch kind {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

#endif
