#if Command

import Martlet
import MartletChunking
import MartletData
import MartletIndex
internal import MartletSystem

/// A text that is to be in a collection, with its fields.
struct IndexedText: Sendable {
    let id: String
    /// Where it is from, as FILE:LINE.
    let place: String
    let text: String
    let fields: [String: FieldValue]
}

/// Reads what `martlet index` is given: folders and files of text, cut into chunks, and JSONL and CSV files, a
/// record a line. All of them may be compressed.
struct IndexedTexts {
    let chunker: any Chunker
    let counter: ModelTokenCounter
    private let inputs: IndexInputs
    /// Types of the fields of front matter.
    private let types: [String: FieldType]
    var members: IndexInputs.Members { inputs.members }

    /// The field of a record's file, where the record has a field `source` of its own.
    static let ownSource = "source_file"

    /// Files larger than this are not notes.
    private static let largestFile = 64 << 20

    /// - Parameter known: Fields that the collection has already.
    init(_ inputs: IndexInputs, chunker: any Chunker, counter: ModelTokenCounter, known: FieldSchema) throws {
        (self.inputs, self.chunker, self.counter) = (inputs, chunker, counter)
        let markdown = inputs.files.filter(\.isMarkdown).map(\.path)
        types = try FrontMatterFields.types(of: markdown, known: known)
    }

    /// Calls `body` with every text under the paths, in the order of the names.
    /// - Parameters:
    ///   - onSkip: Is told of each file, and each part of one, that becomes nothing.
    ///   - onNote: Is told what else a reader of the collection may miss, once.
    func forEach(
        onSkip: (String) -> Void, onNote: (String) -> Void, _ body: (IndexedText) async throws -> Void
    ) async throws {
        var fieldless: Set<String> = []
        for file in inputs.files {
            if file.format == .jsonl {
                try await readLines(file.path, fieldless: &fieldless, onNote, body)
            } else {
                try await read(file, onSkip, onNote, body)
            }
        }
    }

    private func read(
        _ file: IndexInputs.File, _ onSkip: (String) -> Void, _ onNote: (String) -> Void,
        _ body: (IndexedText) async throws -> Void
    ) async throws {
        let path = file.path
        if file.format == .parquet || file.format == .arrow {
            return try leaveOut(
                file, "index does not read Parquet and Arrow",
                "martlet embed -f \(path) --to martlet:NAME.martlet makes a collection of it", onSkip)
        }
        if let format = file.format, format == .csv || format == .tsv {
            let table = try CSVTable(path: path, format: format)
            // A table among notes may have other columns: it is a text then.
            if file.isNamed || table.columns.contains(members.textName) {
                return try await readRows(of: table, path: path, format, body)
            }
        }
        let bytes = try Self.contents(path)
        let isMarked = bytes?.starts(with: [0xEF, 0xBB, 0xBF]) ?? false
        guard let bytes else {
            return try leaveOut(
                file, "larger than 64 MiB", "cut it into several files, or make a .jsonl file of it", onSkip)
        }
        if bytes.starts(with: "%PDF-".utf8) {
            return try leaveOut(
                file, "a PDF, which is not read", "make a text of it first, such as with pdftotext", onSkip)
        }
        guard !bytes.contains(0),
            let text = String(validating: bytes.dropFirst(isMarked ? 3 : 0), as: UTF8.self)
        else { return try leaveOut(file, "not a text in UTF-8", "convert it first", onSkip) }
        if file.format == .json, file.isNamed {
            onNote(
                "\(path): is one text; for a record of each element of an array, make lines of it: jq -c '.[]' \(path)"
            )
        }
        try await readChunks(of: text, file, onSkip, body)
    }

    /// A file of a folder is skipped; one that was named itself ends the run.
    private func leaveOut(
        _ file: IndexInputs.File, _ reason: String, _ remedy: String, _ onSkip: (String) -> Void
    ) throws {
        guard file.isNamed else { return onSkip("\(file.path): \(reason)") }
        throw CommandError("\(file.path): \(reason); \(remedy)")
    }

    /// The file's bytes, decompressed; nil if there are too many.
    private static func contents(_ path: String) throws -> [UInt8]? {
        let source = try ByteSource.file(path).decoded()
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 18)
        while bytes.count <= largestFile {
            let count = try block.withUnsafeMutableBytes { try source.read($0) }
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
        return nil
    }

    private func readChunks(
        of text: String, _ file: IndexInputs.File, _ onSkip: (String) -> Void,
        _ body: (IndexedText) async throws -> Void
    ) async throws {
        let path = file.path
        var fields = FolderEntry.facts(path)
        fields["source"] = .string(path)
        var text = text
        var line = 0
        if file.isMarkdown, let front = FrontMatter(of: text) {
            let found = FrontMatterFields(front, types: types)
            // What the command says of a file counts more than what the file says of itself.
            fields.merge(found.fields) { facts, _ in facts }
            for reason in found.leftOut { onSkip("\(path):\(reason)") }
            if fields.removeValue(forKey: Self.ownSource) != nil {
                onSkip("\(path): the front matter's \"\(Self.ownSource)\" is the index's own field")
            }
            text = String(text.utf8.dropFirst(front.length)) ?? text
            line = front.lines
        }
        let document = Document(text, name: InputFormat.nameInside(path))
        for chunk in try await chunker.chunks(of: document, measuring: counter) {
            var fields = fields
            fields["line"] = .integer(chunk.line + line)
            if !chunk.headings.isEmpty {
                fields["heading"] = .string(chunk.headings.joined(separator: " › "))
            }
            try await body(
                IndexedText(
                    id: "\(path)#\(chunk.index)", place: "\(path):\(chunk.line + line)", text: chunk.text,
                    fields: fields))
        }
    }
}

#endif
