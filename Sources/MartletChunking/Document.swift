/// A text to be cut into chunks.
public struct Document: Sendable, Hashable {
    /// The text. Offsets of chunks count the bytes of its UTF-8 form.
    public var text: String
    /// The name of the file that it is from, or another name with a file's extension, by which
    /// ``AutomaticChunker`` and ``CodeChunker`` know its type; nil: unknown.
    public var name: String?

    /// - Parameters:
    ///   - text: The text.
    ///   - name: A path or file name; its extension says what kind of text it is.
    public init(_ text: String, name: String? = nil) {
        self.text = text
        self.name = name
    }

    /// What follows the last dot of the name's last part, in lower case; nil: nothing does.
    var fileExtension: String? {
        guard let file = name?.split(separator: "/").last, let dot = file.lastIndex(of: "."),
            file.index(after: dot) < file.endIndex
        else {
            return nil
        }
        return file[file.index(after: dot)...].lowercased()
    }

    /// The last part of the name.
    var fileName: String? { name?.split(separator: "/").last.map(String.init) }
}
