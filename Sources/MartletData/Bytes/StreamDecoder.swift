/// Turns one stream of bytes into another: decompression, or a change of encoding.
protocol StreamDecoder: AnyObject {
    /// Decodes as much of `input` as fits into `output`.
    /// - Returns: Bytes taken from `input`, and bytes written to `output`; both can be 0 when `input` is
    ///   empty.
    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (consumed: Int, produced: Int)

    /// The input has ended. Writes what is left, 0 once all is written.
    func finish(into output: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int
}

/// What is wrong with the bytes of a stream.
struct StreamError: Error {
    let reason: String
    var remedies: [Remedy] = []

    init(reason: String, remedies: [Remedy] = []) { (self.reason, self.remedies) = (reason, remedies) }

    /// A library of the system that decompresses, which is not there.
    /// - Parameters:
    ///   - package: Its name on Debian.
    ///   - command: What does the same at a terminal.
    init(missing library: String, for format: String, package: String, command: String) {
        self.init(
            reason: "is compressed with \(format), and \(library) is not installed",
            remedies: [
                .advice("install \(library) (\(package) on Debian)"),
                .advice("decompress it with \(command)"),
            ])
    }
}
