/// LZ4 frames through the system's liblz4, one after the other.
/// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
final class LZ4Decoder: StreamDecoder {
    private struct Functions {
        typealias Context = UnsafeMutableRawPointer
        typealias Create = @convention(c) (UnsafeMutablePointer<Context?>, UInt32) -> Int
        /// Of a context, the output and its size, the input and its size, and options.
        typealias Decompress =
            @convention(c) (
                Context, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>, UnsafeRawPointer?,
                UnsafeMutablePointer<Int>, UnsafeRawPointer?
            ) -> Int

        let create: Create
        let free: @convention(c) (Context) -> Int
        let decompress: Decompress
        let isError: @convention(c) (Int) -> UInt32
        let errorName: @convention(c) (Int) -> UnsafePointer<CChar>?

        static let names = [
            "liblz4.so.1", "liblz4.so", "liblz4.1.dylib", "/opt/homebrew/lib/liblz4.1.dylib",
            "/usr/local/lib/liblz4.1.dylib",
        ]

        static let shared: Functions? = {
            guard let library = DynamicLibrary(names),
                let create = library.function("LZ4F_createDecompressionContext", as: Create.self),
                let free = library.function(
                    "LZ4F_freeDecompressionContext", as: (@convention(c) (Context) -> Int).self),
                let decompress = library.function("LZ4F_decompress", as: Decompress.self),
                let isError = library.function("LZ4F_isError", as: (@convention(c) (Int) -> UInt32).self),
                let errorName = library.function(
                    "LZ4F_getErrorName", as: (@convention(c) (Int) -> UnsafePointer<CChar>?).self)
            else { return nil }
            return Functions(
                create: create, free: free, decompress: decompress, isError: isError, errorName: errorName)
        }()

        /// `LZ4F_VERSION` of lz4frame.h.
        static let version: UInt32 = 100
    }

    private let functions: Functions
    private let context: UnsafeMutableRawPointer
    /// 0 between frames.
    private var expected = 0

    init() throws(StreamError) {
        guard let functions = Functions.shared else {
            throw StreamError(missing: "liblz4", for: "LZ4", package: "liblz4-1", command: "lz4 -d")
        }
        var context: UnsafeMutableRawPointer?
        let code = functions.create(&context, Functions.version)
        guard functions.isError(code) == 0, let context else {
            throw StreamError(reason: "liblz4 has no memory to start")
        }
        self.functions = functions
        self.context = context
    }

    deinit { _ = functions.free(context) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (consumed: Int, produced: Int) {
        var (consumed, produced) = (input.count, output.count)
        let code = functions.decompress(
            context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
        guard functions.isError(code) == 0 else {
            let detail = functions.errorName(code).map { String(cString: $0) } ?? "code \(code)"
            throw StreamError(
                reason: "is damaged LZ4 data (\(detail))", remedies: [.advice("test it with lz4 -t")])
        }
        // Without input the call says only what the next frame would need.
        if consumed > 0 || produced > 0 { expected = code }
        return (consumed, produced)
    }

    func finish(into output: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
        guard expected != 0 else { return 0 }
        let (_, produced) = try decode(UnsafeRawBufferPointer(start: nil, count: 0), into: output)
        if produced > 0 || expected == 0 { return produced }
        throw StreamError(
            reason: "ends in the middle of its LZ4 data", remedies: [.advice("fetch or compress it again")])
    }
}
