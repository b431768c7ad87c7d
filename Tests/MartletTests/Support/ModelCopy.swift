import MartletCompute
import MartletJSON
import MartletSystem
import Testing

/// A tiny model's folder, copied so that a test can change it.
struct ModelCopy {
    let folder: TestFolder
    var path: String { folder.path }

    /// - Parameter without: Files that are left out.
    init(of model: String, without: [String] = []) throws {
        folder = try TestFolder()
        for name in try ModelCopy.files(of: model) where !without.contains(name) {
            try write(name, Self.bytes(model, name))
        }
    }

    /// Writes a file, new or in place of the copied one.
    func write(_ name: String, _ bytes: [UInt8]) throws { try folder.write(name, bytes) }

    /// Replaces text in a file of the copy.
    func edit(_ name: String, _ replacements: [(String, String)]) throws {
        var bytes = try Self.read(path + "/" + name)
        for (old, new) in replacements {
            let start = try #require(bytes.firstRange(of: Array(old.utf8)), "\(name) should contain \(old)")
            bytes.replaceSubrange(start, with: Array(new.utf8))
        }
        try write(name, bytes)
    }

    static func bytes(_ model: String, _ name: String) throws -> [UInt8] {
        try read(Goldens.path("models/\(model)/\(name)"))
    }

    static func read(_ path: String) throws -> [UInt8] {
        try MappedFile(path: path).region.withUnsafeBytes { Array($0) }
    }

    private static func files(of model: String) throws -> [String] {
        var names: [String] = []
        for folder in ["", "1_Pooling/", "2_Dense/"] {
            guard let listing = opendir(Goldens.path("models/\(model)/\(folder)")) else { continue }
            defer { closedir(listing) }
            while let entry = readdir(listing) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.contains(".") && !name.hasPrefix(".") { names.append(folder + name) }
            }
        }
        return names
    }
}

extension ModelCopy {
    /// Changes one value of an f32 tensor in model.safetensors.
    func overwrite(tensor: String, at index: Int, with value: Float) throws {
        var bytes = try Self.read(path + "/model.safetensors")
        let length = Int(bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        let entry = try #require(try JSONValue.parse(Array(bytes[8..<8 + length]))[tensor])
        try #require(entry["dtype"]?.string == "F32")
        let start = 8 + length + (try #require(entry["data_offsets"]?[0]?.int)) + 4 * index
        withUnsafeBytes(of: value.bitPattern.littleEndian) {
            bytes.replaceSubrange(start..<start + 4, with: $0)
        }
        try write("model.safetensors", bytes)
    }

    /// Says in the header of model.safetensors that a tensor has another type; its bytes stay.
    func setType(of tensor: String, to type: String) throws {
        let bytes = try Self.read(path + "/model.safetensors")
        let end = 8 + Int(bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        var header = Array(bytes[8..<end])
        let entry = try #require(header.firstRange(of: Array("\"\(tensor)\":{".utf8)), "\(tensor)")
        let key = Array("\"dtype\":\"".utf8)
        let old = try #require(header[entry.upperBound...].firstRange(of: key)).upperBound
        let close = try #require(header[old...].firstIndex(of: UInt8(ascii: "\"")))
        header.replaceSubrange(old..<close, with: Array(type.utf8))
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        try write("model.safetensors", length + header + bytes[end...])
    }
}
