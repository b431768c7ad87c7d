internal import MartletSystem

/// The bytes of a source that have been read and not yet handed out, in one buffer that moves along.
struct ByteWindow {
    let source: ByteSource
    private(set) var bytes: [UInt8] = []
    /// The part of `bytes` that has not been handed out.
    private(set) var start = 0
    private(set) var end = 0
    private(set) var isAtEnd = false
    private let blockSize: Int
    private let limit: Int
    private var filled = 0

    /// - Parameters:
    ///   - blockSize: Bytes that are asked for at a time.
    ///   - limit: The longest record, after which the buffer need not grow faster than by blocks.
    init(_ source: ByteSource, blockSize: Int, limit: Int) {
        self.source = source
        self.blockSize = blockSize
        self.limit = limit
    }

    /// Bytes of the source before `start`.
    var offset: Int { filled - (end - start) }

    /// Passes over everything before `offset`.
    mutating func skip(to offset: Int) throws(DataError) {
        let ahead = offset - self.offset
        guard ahead > end - start else {
            start += max(0, ahead)
            return
        }
        try source.skip(ahead - (end - start))
        filled += ahead - (end - start)
        start = end
    }

    mutating func discard(through position: Int) { start = position }

    func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R)
        throws(E) -> R
    {
        let result: Result<R, E> = bytes.withUnsafeBufferPointer { all in
            do throws(E) { return .success(try body(UnsafeBufferPointer(rebasing: all[range]))) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Appends a block, or what has arrived of one. Positions change: `start` becomes 0.
    mutating func fill() throws(DataError) {
        if start > 0 {
            bytes.withUnsafeMutableBufferPointer { all in
                guard let base = all.baseAddress, end > start else { return }
                memmove(base, base + start, end - start)
            }
            end -= start
            start = 0
        }
        if bytes.count - end < blockSize {
            bytes += [UInt8](repeating: 0, count: max(blockSize, min(bytes.count, limit)))
        }
        let (position, room, source) = (end, blockSize, source)
        let result: Result<Int, DataError> = bytes.withUnsafeMutableBytes { all in
            do throws(DataError) {
                return .success(
                    try source.read(UnsafeMutableRawBufferPointer(rebasing: all[position..<position + room])))
            } catch {
                return .failure(error)
            }
        }
        let count = try result.get()
        if count == 0 { isAtEnd = true }
        end += count
        filled += count
    }
}
