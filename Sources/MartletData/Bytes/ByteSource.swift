/// Where bytes come from: a file, standard input, a decompressor over either, or an array in tests.
package struct ByteSource {
    /// How messages name it: the path, or `<stdin>`.
    package let name: String
    /// Fills the buffer with what has arrived, waiting for at least one byte; returns 0 at the end.
    package let read: (UnsafeMutableRawBufferPointer) throws(DataError) -> Int
    /// Whether `read` would return at once.
    let isReady: () -> Bool
    /// Size in bytes, where it is known.
    package let size: Int?
    /// Reads at an offset, for formats that need it; nil for streams.
    var readAt: ((UnsafeMutableRawBufferPointer, Int) throws(DataError) -> Int)?
    /// Moves the position of `read` to an offset; nil for streams, which are read past instead.
    var seek: ((Int) throws(DataError) -> Void)?
    /// Bytes of the file that were read, where they are other than the bytes that were given; nil: the same.
    var bytesConsumed: () -> Int? = { nil }

    package init(
        name: String, size: Int?, isReady: @escaping () -> Bool,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(DataError) -> Int
    ) {
        self.name = name
        self.size = size
        self.isReady = isReady
        self.read = read
    }

    /// Fills `buffer` from `offset`, or as far as the file goes.
    func readAll(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DataError) -> Int {
        guard let readAt else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = try readAt(UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), offset + done)
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Passes over the next `count` bytes.
    func skip(_ count: Int) throws(DataError) {
        if let seek { return try seek(count) }
        var rest = count
        var block = [UInt8](repeating: 0, count: min(count, 1 << 18))
        while rest > 0 {
            let wanted = min(rest, block.count)
            let result: Result<Int, DataError> = block.withUnsafeMutableBytes { bytes in
                let room = UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted])
                do throws(DataError) { return .success(try read(room)) } catch { return .failure(error) }
            }
            let found = try result.get()
            guard found > 0 else {
                throw DataError(
                    .changedInput, at: name, "ends before the position to go on from; it has changed")
            }
            rest -= found
        }
    }
}
