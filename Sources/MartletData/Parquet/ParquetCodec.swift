/// Decompresses the pages of one column chunk.
struct ParquetCodec {
    private enum Kind { case none, snappy, gzip, zstd }
    private let kind: Kind

    init(_ code: Int) throws(ColumnFileError) {
        switch code {
        case 0: kind = .none
        case 1: kind = .snappy
        case 2: kind = .gzip
        case 6: kind = .zstd
        default:
            let names = [3: "LZO", 4: "Brotli", 5: "LZ4", 7: "LZ4"]
            throw .unsupported("it is compressed with \(names[code] ?? "codec \(code)"), which is not read")
        }
    }

    /// - Parameter size: Bytes after decompression, as the page's header says.
    func decompress(_ bytes: ArraySlice<UInt8>, size: Int) throws(ColumnFileError) -> ArraySlice<UInt8> {
        switch kind {
        case .none:
            guard bytes.count == size else {
                throw .malformed("a page has another size than its header says")
            }
            return bytes
        case .snappy:
            guard let output = bytes.withUnsafeBufferPointer({ Snappy.decompress($0, size: size) }) else {
                throw .malformed("a page is damaged Snappy data")
            }
            return output[...]
        case .gzip, .zstd:
            do throws(StreamError) {
                return try Self.decode(
                    bytes, size: size, kind == .gzip ? try GzipDecoder() : try ZstdDecoder())
            } catch {
                throw error.remedies.isEmpty
                    ? .malformed(error.reason)
                    : .unsupported("a page \(error.reason)", remedies: error.remedies)
            }
        }
    }

    private static func decode(
        _ bytes: ArraySlice<UInt8>, size: Int, _ decoder: any StreamDecoder
    ) throws(StreamError) -> ArraySlice<UInt8> {
        // One byte more shows a page that is larger than its header says.
        var output = [UInt8](repeating: 0, count: size + 1)
        var (consumed, produced) = (0, 0)
        while produced <= size {
            let step: Result<(consumed: Int, produced: Int), StreamError> = bytes.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { room in
                    do throws(StreamError) {
                        return .success(
                            try decoder.decode(
                                UnsafeRawBufferPointer(rebasing: input[consumed...]),
                                into: UnsafeMutableRawBufferPointer(rebasing: room[produced...])))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            let (taken, given) = try step.get()
            if taken == 0, given == 0 { break }
            consumed += taken
            produced += given
        }
        guard produced == size else {
            throw StreamError(reason: "a page has another size than its header says")
        }
        return output[..<size]
    }
}
