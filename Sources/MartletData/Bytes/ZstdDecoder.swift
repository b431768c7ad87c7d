/// Zstandard frames (RFC 8878) through the system's libzstd, one after the other.
final class ZstdDecoder: StreamDecoder {
    private struct Functions {
        let create: @convention(c) () -> OpaquePointer?
        let free: @convention(c) (OpaquePointer?) -> Int
        let decompress: Decompress
        let isError: @convention(c) (Int) -> UInt32
        let errorName: @convention(c) (Int) -> UnsafePointer<CChar>?

        /// Of a stream, an `OutBuffer` and an `InBuffer`.
        typealias Decompress =
            @convention(c) (OpaquePointer?, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int

        static let names = [
            "libzstd.so.1", "libzstd.so", "libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib",
            "/usr/local/lib/libzstd.1.dylib",
        ]

        static let shared: Functions? = {
            guard let library = DynamicLibrary(names),
                let create = library.function(
                    "ZSTD_createDStream", as: (@convention(c) () -> OpaquePointer?).self),
                let free = library.function(
                    "ZSTD_freeDStream", as: (@convention(c) (OpaquePointer?) -> Int).self),
                let decompress = library.function("ZSTD_decompressStream", as: Decompress.self),
                let isError = library.function("ZSTD_isError", as: (@convention(c) (Int) -> UInt32).self),
                let errorName = library.function(
                    "ZSTD_getErrorName", as: (@convention(c) (Int) -> UnsafePointer<CChar>?).self)
            else { return nil }
            return Functions(
                create: create, free: free, decompress: decompress, isError: isError, errorName: errorName)
        }()
    }

    /// `ZSTD_inBuffer` and `ZSTD_outBuffer` of zstd.h.
    private struct InBuffer {
        var source: UnsafeRawPointer?
        var size: Int
        var position: Int
    }

    private struct OutBuffer {
        var destination: UnsafeMutableRawPointer?
        var size: Int
        var position: Int
    }

    private let functions: Functions
    private let stream: OpaquePointer
    /// 0 between frames.
    private var expected = 0

    init() throws(StreamError) {
        guard let functions = Functions.shared else {
            throw StreamError(missing: "libzstd", for: "zstd", package: "libzstd1", command: "zstd -d")
        }
        guard let stream = functions.create() else {
            throw StreamError(reason: "libzstd has no memory to start")
        }
        self.functions = functions
        self.stream = stream
    }

    deinit { _ = functions.free(stream) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (consumed: Int, produced: Int) {
        var source = InBuffer(source: input.baseAddress, size: input.count, position: 0)
        var target = OutBuffer(destination: output.baseAddress, size: output.count, position: 0)
        let code = functions.decompress(stream, &target, &source)
        guard functions.isError(code) == 0 else {
            let detail = functions.errorName(code).map { String(cString: $0) } ?? "code \(code)"
            throw StreamError(
                reason: "is damaged zstd data (\(detail))", remedies: [.advice("test it with zstd -t")])
        }
        // Without input the call says only what the next frame would need.
        if source.position > 0 || target.position > 0 { expected = code }
        return (source.position, target.position)
    }

    func finish(into output: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
        guard expected != 0 else { return 0 }
        let (_, produced) = try decode(UnsafeRawBufferPointer(start: nil, count: 0), into: output)
        if produced > 0 || expected == 0 { return produced }
        throw StreamError(
            reason: "ends in the middle of its zstd data", remedies: [.advice("fetch or compress it again")])
    }
}
