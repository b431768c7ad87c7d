/// The members of an object in their order in the text. A repeated key keeps every member; lookup finds the
/// last one, as Python's json module and serde do.
package struct JSONObject: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package let key: String
        package let value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package let members: [Member]
    /// Open addressing over `members`: position + 1, 0 where free. Empty for objects that a scan searches
    /// faster.
    private let slots: [UInt32]

    private static let scanLimit = 12

    package init(_ members: [Member] = []) {
        self.members = members
        guard members.count > Self.scanLimit else {
            slots = []
            return
        }
        var size = 32
        while size < members.count &* 2 { size &*= 2 }
        var slots = [UInt32](repeating: 0, count: size)
        for position in members.indices {
            var slot = Self.hash(members[position].key) & (size - 1)
            while slots[slot] != 0, !Self.same(members[Int(slots[slot]) - 1].key, members[position].key) {
                slot = (slot + 1) & (size - 1)
            }
            slots[slot] = UInt32(truncatingIfNeeded: position + 1)
        }
        self.slots = slots
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    package subscript(key: String) -> JSONValue? {
        guard !slots.isEmpty else { return members.last { Self.same($0.key, key) }?.value }
        var slot = Self.hash(key) & (slots.count - 1)
        while slots[slot] != 0 {
            let member = members[Int(slots[slot]) - 1]
            if Self.same(member.key, key) { return member.value }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    package static func == (a: JSONObject, b: JSONObject) -> Bool { a.members == b.members }

    /// Byte for byte: Swift's `==` for strings takes composed and decomposed forms as one, and a vocabulary
    /// holds both.
    private static func same(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    /// FNV-1a from a start that differs between processes, with its bits mixed: nobody can choose keys that
    /// all fall together.
    private static func hash(_ key: String) -> Int {
        var hash = seed
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 32 ^ seed) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: hash >> 33)
    }

    private static let seed = UInt64.random(in: 1...UInt64.max)
}
