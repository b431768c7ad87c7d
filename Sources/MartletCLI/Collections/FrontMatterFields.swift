#if Command

import MartletData
import MartletIndex

/// The front matter of a file as fields of its chunks.
struct FrontMatterFields {
    private(set) var fields: [String: FieldValue] = [:]
    /// What became no field: line and reason.
    private(set) var leftOut: [String] = []

    /// Fields that say where a chunk comes from; front matter cannot set them.
    private static let own: Set<String> = ["source", "line", "heading", "size", "modified"]
    /// Bytes of a file that are looked at for its front matter.
    private static let head = 1 << 16

    init(_ front: FrontMatter, types: [String: FieldType]) {
        for (key, line) in front.leftOut {
            leftOut.append("\(line): the front matter's \"\(key)\" is no text, number, date or list")
        }
        for (key, value) in front.values.sorted(by: { $0.key < $1.key }) {
            if Self.own.contains(key) {
                leftOut.append(
                    "1: the front matter's \"\(key)\" has the name of a field that the file itself gives")
                continue
            }
            let type = types[key] ?? .string
            switch value {
            case .list(let texts) where type == .strings: fields[key] = .strings(texts)
            case .list(let texts) where texts.count == 1 && type.value(texts[0]) != nil:
                fields[key] = type.value(texts[0])
            case .scalar("", _): break
            case .scalar(let text, _) where type.value(text) != nil: fields[key] = type.value(text)
            default:
                leftOut.append(
                    "1: the front matter's \"\(key)\" is no \(type.rawValue), as the field is elsewhere")
            }
        }
    }

    /// The type of each field: that which the collection has, or else the narrowest that fits the values of
    /// all files.
    static func types(of paths: [String], known: FieldSchema) throws -> [String: FieldType] {
        var typings: [String: FieldTyping] = [:]
        for path in paths {
            guard let front = FrontMatter(of: try beginning(of: path)) else { continue }
            for (key, value) in front.values {
                switch value {
                case .scalar(let text, let isQuoted):
                    typings[key, default: FieldTyping()].take(text, isQuoted: isQuoted)
                case .list: typings[key, default: FieldTyping()].takeList()
                }
            }
        }
        return typings.mapValues(\.type).merging(known.types) { _, known in known }
    }

    private static func beginning(of path: String) throws -> String {
        let source = try ByteSource.file(path).decoded()
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: head)
        while bytes.count < head {
            let count = try block.withUnsafeMutableBytes { try source.read($0) }
            if count == 0 { break }
            bytes += block[..<count]
            // Most files have none.
            if bytes.count >= 3, !bytes.starts(with: Array("---".utf8)) { return "" }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

#endif
