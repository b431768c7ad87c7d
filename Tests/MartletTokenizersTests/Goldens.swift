import MartletJSON
import MartletSystem

@testable import MartletTokenizers

/// Files that Scripts/tokenizer-goldens.py writes, and the tokenizers of its settings.
enum Goldens {
    static func bytes(_ name: String) -> [UInt8] {
        let folder = String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex))
        guard let file = fopen("\(folder)Goldens/\(name)", "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    static func json(_ name: String) throws -> JSONValue { try JSONValue.parse(bytes(name)) }

    static func tokenizer(_ setting: String) throws -> Tokenizer {
        let options: BertOptions =
            switch setting {
            case "cased": .init(lowercase: false)
            case "accents": .init(stripAccents: false, tokenizeChineseChars: false)
            case "stripped": .init(lowercase: false, stripAccents: true)
            default: .init()
            }
        return try Tokenizer(vocabulary: bytes("vocab.txt"), file: "vocab.txt", options: options)
    }

    /// The lines of vocab.txt.
    static func tokens() -> [String] {
        bytes("vocab.txt").split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    static func ids(_ value: JSONValue?) -> [Int32] {
        value?.array?.compactMap { $0.int.map(Int32.init) } ?? []
    }
}
