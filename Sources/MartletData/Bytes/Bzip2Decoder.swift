/// bzip2 streams through the system's libbz2, one after the other, as parallel compressors and Wikipedia's
/// multistream dumps write them. https://sourceware.org/bzip2/manual/manual.html
final class Bzip2Decoder: StreamDecoder {
    private struct Functions {
        typealias Stream = UnsafeMutableRawPointer
        let initialise: @convention(c) (Stream, Int32, Int32) -> Int32
        let decompress: @convention(c) (Stream) -> Int32
        let end: @convention(c) (Stream) -> Int32

        static let names = [
            "libbz2.so.1.0", "libbz2.so.1", "libbz2.so", "libbz2.1.0.dylib", "/usr/lib/libbz2.1.0.dylib",
        ]

        static let shared: Functions? = {
            guard let library = DynamicLibrary(names),
                let initialise = library.function(
                    "BZ2_bzDecompressInit", as: (@convention(c) (Stream, Int32, Int32) -> Int32).self),
                let decompress = library.function(
                    "BZ2_bzDecompress", as: (@convention(c) (Stream) -> Int32).self),
                let end = library.function(
                    "BZ2_bzDecompressEnd", as: (@convention(c) (Stream) -> Int32).self)
            else { return nil }
            return Functions(initialise: initialise, decompress: decompress, end: end)
        }()
    }

    /// `bz_stream` of bzlib.h.
    private struct BZStream {
        var nextIn: UnsafeRawPointer?
        var availableIn: UInt32 = 0
        var totalInLow: UInt32 = 0
        var totalInHigh: UInt32 = 0
        var nextOut: UnsafeMutableRawPointer?
        var availableOut: UInt32 = 0
        var totalOutLow: UInt32 = 0
        var totalOutHigh: UInt32 = 0
        var state: UnsafeMutableRawPointer?
        var allocate: UnsafeMutableRawPointer?
        var free: UnsafeMutableRawPointer?
        var opaque: UnsafeMutableRawPointer?
    }

    private enum Status {
        static let ok: Int32 = 0
        static let streamEnd: Int32 = 4
        static let memory: Int32 = -3
        static let noSignature: Int32 = -5
    }

    private let functions: Functions
    private let stream = UnsafeMutablePointer<BZStream>.allocate(capacity: 1)
    /// A stream has ended, and no byte of another has been read.
    private var isBetweenStreams = false

    init() throws(StreamError) {
        guard let functions = Functions.shared else {
            throw StreamError(missing: "libbz2", for: "bzip2", package: "libbz2-1.0", command: "bzip2 -d")
        }
        self.functions = functions
        stream.initialize(to: BZStream())
        try start()
    }

    deinit {
        _ = functions.end(stream)
        stream.deallocate()
    }

    private func start() throws(StreamError) {
        stream.pointee = BZStream()
        let code = functions.initialise(stream, 0, 0)
        guard code == Status.ok else {
            throw StreamError(reason: "libbz2 refused to start with code \(code)")
        }
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (consumed: Int, produced: Int) {
        if isBetweenStreams {
            if input.isEmpty { return (0, 0) }
            _ = functions.end(stream)
            try start()
            isBetweenStreams = false
        }
        let (inCount, outCount) = (min(input.count, 1 << 30), min(output.count, 1 << 30))
        stream.pointee.nextIn = input.baseAddress
        stream.pointee.availableIn = UInt32(inCount)
        stream.pointee.nextOut = output.baseAddress
        stream.pointee.availableOut = UInt32(outCount)
        let code = functions.decompress(stream)
        switch code {
        case Status.ok: break
        case Status.streamEnd: isBetweenStreams = true
        case Status.memory: throw StreamError(reason: "libbz2 has no memory to decompress it")
        default:
            let detail = code == Status.noSignature ? "a stream has no signature" : "code \(code)"
            throw StreamError(
                reason: "is damaged bzip2 data (\(detail))", remedies: [.advice("test it with bzip2 -t")])
        }
        return (inCount - Int(stream.pointee.availableIn), outCount - Int(stream.pointee.availableOut))
    }

    func finish(into output: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
        // The last bytes may still be inside libbz2.
        let (_, produced) = try decode(UnsafeRawBufferPointer(start: nil, count: 0), into: output)
        if produced > 0 || isBetweenStreams { return produced }
        throw StreamError(
            reason: "ends in the middle of its bzip2 data", remedies: [.advice("fetch or compress it again")])
    }
}
