package import MartletCompute
package import MartletJSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

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

    /// The file as JSON, or nil if there is no such file.
    package func json(_ file: String) throws(MartletError) -> JSONValue? {
        guard let mapped = try map(file) else { return nil }
        do throws(JSONError) {
            return try mapped.region.withUnsafeBytes { (bytes) throws(JSONError) in try JSONValue.parse(bytes) }
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
                .missingFile, "\(path(of: file)) is missing: it says \(purpose); download the whole model folder", file: path(of: file))
        }
        return config
    }
}

/// A JSON object in a file; a member of the wrong kind is an error that names the file and the key.
package struct ConfigFile: Sendable {
    package let path: String
    package let object: JSONObject

    package init(path: String, object: JSONObject) {
        self.path = path
        self.object = object
    }

    /// The member, or nil if it is absent or null.
    package subscript(key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    package func string(_ key: String) throws(MartletError) -> String? {
        guard let value = self[key] else { return nil }
        guard let string = value.string else { throw wrongKind(key, "a string", value) }
        return string
    }

    package func bool(_ key: String) throws(MartletError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard let bool = value.bool else { throw wrongKind(key, "true or false", value) }
        return bool
    }

    /// A whole number from 1 to 2^31 - 1.
    package func size(_ key: String) throws(MartletError) -> Int? {
        guard let value = self[key] else { return nil }
        guard let size = value.int, size > 0, size <= Int(Int32.max) else { throw wrongKind(key, "a whole number from 1 on", value) }
        return size
    }

    package func requireSize(_ key: String) throws(MartletError) -> Int {
        guard let size = try size(key) else { throw .malformed(path, "\"\(key)\" is missing; expected a whole number from 1 on") }
        return size
    }

    func wrongKind(_ key: String, _ expected: String, _ found: JSONValue) -> MartletError {
        var text = found.kind
        if let number = found.double { text = found.int.map { "\($0)" } ?? "\(number)" }
        if let string = found.string { text = string.quotedForMessage }
        return .malformed(path, "\"\(key)\": expected \(expected), found \(text)")
    }
}
