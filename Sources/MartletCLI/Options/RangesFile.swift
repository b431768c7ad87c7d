#if Command

import Martlet
import MartletData
import MartletJSON

/// Ranges for quantisation from a float32 `.npy` file of rows: the least and the greatest value of each
/// column. A file of two rows, all minima and all maxima, is a special case.
enum RangesFile {
    private static let limit = 1 << 30

    /// The model whose vectors the file has, from the companion that `martlet embed` writes; nil: there is
    /// none.
    private static func identity(of path: String) throws -> ModelIdentity? {
        let companion = "\(path).meta.json"
        guard System.exists(companion) else { return nil }
        let text = String(decoding: try bytes(companion), as: UTF8.self)
        guard let member = try? JSONValue.parse(utf8: text)["identity"] else { return nil }
        guard let identity = ModelIdentity(json: String(decoding: member.bytes, as: UTF8.self)) else {
            throw CommandError(
                "\(companion): \"identity\" is not that of a model; embed the texts of the ranges again")
        }
        return identity
    }

    static func read(_ path: String) throws -> QuantizationRanges {
        let array = try NPYArray(try bytes(path), name: path)
        guard array.rows >= 2 else {
            throw CommandError(
                "\(path): \(Format.count(array.rows, "row")), expected at least two to know a range; embed more texts"
            )
        }
        let identity = try identity(of: path)
        do throws(MartletError) {
            return try QuantizationRanges(
                calibration: Embeddings(
                    floats: array.values, dimensions: array.columns, identity: identity))
        } catch {
            throw CommandError("\(path): \(error.message)")
        }
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let source = try ByteSource.file(path)
        guard let size = source.size, size <= limit else {
            throw CommandError(
                "\(path): not a file of at most \(Format.bytes(limit)); a few thousand rows are enough")
        }
        var bytes = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let count = try bytes.withUnsafeMutableBytes {
                try source.read(UnsafeMutableRawBufferPointer(rebasing: $0[done...]))
            }
            if count == 0 { break }
            done += count
        }
        bytes.removeLast(size - done)
        return bytes
    }
}

#endif
