internal import MartletJSON

/// A record that was left out, and why.
public struct SkippedRecord: Sendable, Hashable {
    /// Position among all records of the source, from 0.
    public var index: Int
    /// Where the record is and what is wrong with it, in one sentence.
    public var message: String

    /// - Parameters:
    ///   - index: Position among all records, from 0.
    ///   - message: Why it is left out.
    public init(index: Int, message: String) {
        self.index = index
        self.message = message
    }

    /// `{"index":…,"reason":"…"}`.
    var json: String {
        var bytes = Array("{\"index\":\(index),\"reason\":".utf8)
        JSONText.append(message, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
