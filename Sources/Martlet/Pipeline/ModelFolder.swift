package import MartletJSON
package import MartletSystem

/// A folder with a model's files, as published on the Hugging Face Hub.
package struct ModelFolder: Sendable {
    package let path: String

    package init(path: String) {
        var path = path
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        self.path = path
    }

    /// The path of a file inside the folder.
    package func path(of file: String) -> String {
        path == "/" ? "/" + file : path + "/" + file
    }

    /// Whether the path is that of a folder.
    package var isFolder: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package func contains(_ file: String) -> Bool { access(path(of: file), F_OK) == 0 }

    /// The file's bytes, or nil if there is no such file.
    package func map(_ file: String) throws(MartletError) -> MappedFile? {
        do throws(FileError) {
            return try MappedFile(path: path(of: file))
        } catch {
            if error.code == ENOENT { return nil }
            throw MartletError(.io, error.message, file: error.path)
        }
    }

    /// The file's text, or nil if there is no such file.
    package func text(_ file: String) throws(MartletError) -> String? {
        try map(file)?.region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The file as JSON, or nil if there is no such file.
    package func json(_ file: String) throws(MartletError) -> JSONValue? {
        guard let mapped = try map(file) else { return nil }
        do throws(JSONError) {
            return try mapped.region.withUnsafeBytes { (bytes) throws(JSONError) in try JSONValue.parse(bytes)
            }
        } catch {
            throw .malformed(path(of: file), "is no JSON: \(error.message)")
        }
    }

    /// The file as a JSON object with typed members, or nil if there is no such file.
    package func config(_ file: String) throws(MartletError) -> ConfigFile? {
        guard let value = try json(file) else { return nil }
        guard let object = value.object else {
            throw .malformed(path(of: file), "expected an object, found \(value.kind)")
        }
        return ConfigFile(path: path(of: file), object: object)
    }

    /// - Parameter purpose: What the file says, for the message.
    package func requireConfig(_ file: String, for purpose: String) throws(MartletError) -> ConfigFile {
        guard let config = try config(file) else {
            throw MartletError(
                .missingFile,
                "\(path(of: file)) is missing: it says \(purpose); download the whole model folder",
                file: path(of: file))
        }
        return config
    }
}
