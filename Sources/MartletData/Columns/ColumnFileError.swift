/// What is wrong with a file of columns.
enum ColumnFileError: Error {
    case malformed(String)
    case unsupported(String, remedies: [Remedy] = [.advice("write it again with pandas or DuckDB")])
    case input(DataError)

    /// Gives errors the name of their file.
    static func named<R>(_ name: String, _ body: () throws(ColumnFileError) -> R) throws(DataError) -> R {
        do throws(ColumnFileError) { return try body() } catch {
            switch error {
            case .malformed(let reason):
                throw DataError(
                    .malformed, at: name, reason, remedies: [.advice("check whether the file is whole")])
            case .unsupported(let reason, let remedies):
                throw DataError(.unsupported, at: name, reason, remedies: remedies)
            case .input(let error): throw error
            }
        }
    }
}

extension ByteSource {
    /// Bytes at an offset, all of them.
    func bytes(at offset: Int, count: Int) throws(ColumnFileError) -> ArraySlice<UInt8> {
        var bytes = [UInt8](repeating: 0, count: count)
        let result: Result<Int, DataError> = bytes.withUnsafeMutableBytes { room in
            do throws(DataError) { return .success(try readAll(room, at: offset)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(count): return bytes[...]
        case .success: throw .malformed("the file is shorter than it says of itself; it may be cut off")
        case .failure(let error): throw .input(error)
        }
    }
}

extension String {
    /// In quotes, cut and without control characters: names of a file's columns.
    var quoted: String {
        var result = ""
        for scalar in unicodeScalars.prefix(120) {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            result.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
        }
        return "\"\(result)\""
    }
}
