import MartletCompute
import MartletJSON
import MartletSystem

/// A folder of its own in the temporary directory, removed with the last reference.
final class TestFolder {
    let path: String
    private var made: [String] = []

    /// - Parameter files: Texts by path; folders in between are made.
    init(_ files: [String: String] = [:]) throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((base + "/martlet-test-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw CannotWrite(path: base) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for (name, text) in files { try write(name, Array(text.utf8)) }
    }

    deinit {
        for item in made.reversed() { remove(item) }
        rmdir(path)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/" + part
            if mkdir(folder, 0o755) == 0 { made.append(folder) }
        }
        let file = path + "/" + name
        guard let stream = fopen(file, "wb") else { throw CannotWrite(path: file) }
        defer { fclose(stream) }
        made.append(file)
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else {
            throw CannotWrite(path: file)
        }
    }

    /// Has a file that something else wrote removed with the folder.
    func willRemove(_ name: String) { made.append(path + "/" + name) }

    static func read(_ path: String) throws -> JSONValue {
        try MappedFile(path: path).region.withUnsafeBytes { (bytes) throws(JSONError) in
            try JSONValue.parse(bytes)
        }
    }

    /// A safetensors file of f32 tensors.
    static func safetensors(_ tensors: [(name: String, shape: [Int], values: [Float])]) -> [UInt8] {
        var header = "{"
        var data: [UInt8] = []
        for tensor in tensors {
            let start = data.count
            for value in tensor.values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
            }
            header += header == "{" ? "" : ","
            header +=
                "\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(data.count)]}"
        }
        header += "}"
        while header.utf8.count % 8 != 0 { header += " " }
        return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
            + data
    }
}

struct CannotWrite: Error {
    let path: String
}
