#if Command

import Martlet
import MartletChunking
import MartletData
import MartletIndex
import MartletJSON
internal import MartletSystem

/// A text that is to be in a collection, with its fields.
struct IndexedText: Sendable {
    let id: String
    let text: String
    let fields: [String: FieldValue]
}

/// Reads what `martlet index` is given: folders and files of text, cut into chunks, and JSONL and CSV files, a
/// record a line.
struct IndexedTexts {
    let chunker: any Chunker
    let counter: ModelTokenCounter
    /// Members of JSONL, or columns of CSV, that hold the text and the id.
    let textField: String
    let idField: String

    /// Files larger than this are not notes.
    private static let largestFile = 64 << 20

    /// Calls `body` with every text under the paths, in the order of the names.
    /// - Parameter onSkip: Is told of each file that holds no text.
    func forEach(
        _ paths: [String], onSkip: (String) -> Void, _ body: (IndexedText) async throws -> Void
    ) async throws {
        for path in paths {
            switch FolderEntry.kind(path) {
            case .folder:
                for file in FolderEntry.files(under: path) {
                    try await read(file, isNamed: false, onSkip, body)
                }
            case .file: try await read(path, isNamed: true, onSkip, body)
            case .other: throw CommandError("\(path): no such file or folder")
            }
        }
    }

    private func read(
        _ path: String, isNamed: Bool, _ onSkip: (String) -> Void, _ body: (IndexedText) async throws -> Void
    ) async throws {
        if let format = InputFormat.forFile(path), format == .csv || format == .tsv {
            let table = try CSVTable(path: path, format: format)
            // A table among notes may have other columns: it is a text then.
            if isNamed || table.columns.contains(textField) {
                return try await readRows(of: table, path: path, format, body)
            }
        }
        let file: MappedFile
        do throws(FileError) { file = try MappedFile(path: path) } catch { throw CommandError(error.message) }
        if path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") { return try await readLines(file, body) }
        let bytes = file.region.withUnsafeBytes { bytes in
            bytes.count <= Self.largestFile ? Array(bytes) : nil
        }
        guard let bytes, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            if isNamed {
                throw CommandError("\(path): not a text in UTF-8 of at most 64 MiB; convert it first")
            }
            return onSkip("\(path): not a text in UTF-8 of at most 64 MiB")
        }
        for chunk in try await chunker.chunks(of: Document(text, name: path), measuring: counter) {
            var fields: [String: FieldValue] = ["source": .string(path), "line": .integer(chunk.line)]
            if !chunk.headings.isEmpty {
                fields["heading"] = .string(chunk.headings.joined(separator: " › "))
            }
            try await body(IndexedText(id: "\(path)#\(chunk.index)", text: chunk.text, fields: fields))
        }
    }

    // MARK: JSONL

    private func readLines(_ file: MappedFile, _ body: (IndexedText) async throws -> Void) async throws {
        var (offset, line) = (0, 0)
        let count = file.region.count
        while offset < count {
            let bytes = file.region.withUnsafeBytes { bytes in
                Array(bytes[offset...].prefix { $0 != UInt8(ascii: "\n") })
            }
            offset += bytes.count + 1
            line += 1
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            try await body(try record(bytes, "\(file.path):\(line)", source: file.path, line: line))
        }
    }

    private func record(_ bytes: [UInt8], _ place: String, source: String, line: Int) throws -> IndexedText {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(bytes) } catch {
            throw CommandError("\(place): \(error.reason), column \(error.column)")
        }
        guard let object = value.object else {
            throw CommandError("\(place): \(value.kind); expected an object")
        }
        guard let text = object[textField]?.string else {
            throw CommandError(
                "\(place): no string in the member \(textField.quotedForMessage); name it with --field")
        }
        var id = "\(source)#\(line)"
        switch object[idField] {
        case .string(let text)?: id = text
        case .integer(let number)?: id = String(number)
        case nil: break
        case let other?:
            throw CommandError(
                "\(place): the member \(idField.quotedForMessage) is \(other.kind); expected a string or an integer"
            )
        }
        var fields: [String: FieldValue] = ["source": .string(source)]
        for member in object.members where member.key != textField && member.key != idField {
            guard
                let value = try Self.field(
                    member.value, "\(place): the member \(member.key.quotedForMessage)")
            else { continue }
            fields[member.key] = value
        }
        return IndexedText(id: id, text: text, fields: fields)
    }

    /// nil for null.
    private static func field(_ value: JSONValue, _ place: String) throws -> FieldValue? {
        switch value {
        case .null: return nil
        case .bool(let flag): return .boolean(flag)
        case .integer(let number): return .integer(number)
        case .number(let number): return .float(number)
        case .string(let text): return .string(text)
        case .array(let elements):
            let texts = elements.compactMap(\.string)
            guard texts.count == elements.count else {
                throw CommandError("\(place) is an array of other things than strings")
            }
            return .strings(texts)
        case .object:
            throw CommandError(
                "\(place) is an object; fields are strings, numbers, booleans and arrays of strings")
        }
    }
}

#endif
