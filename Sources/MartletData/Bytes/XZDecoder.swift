/// xz streams through the system's liblzma, one after the other, with padding between them.
/// https://tukaani.org/xz/xz-file-format.txt
final class XZDecoder: StreamDecoder {
    private struct Functions {
        typealias Stream = UnsafeMutableRawPointer
        let open: @convention(c) (Stream, UInt64, UInt32) -> Int32
        let code: @convention(c) (Stream, Int32) -> Int32
        let end: @convention(c) (Stream) -> Void

        static let names = [
            "liblzma.so.5", "liblzma.so", "liblzma.5.dylib", "/usr/lib/liblzma.5.dylib",
            "/opt/homebrew/lib/liblzma.5.dylib", "/usr/local/lib/liblzma.5.dylib",
        ]

        static let shared: Functions? = {
            guard let library = DynamicLibrary(names),
                let open = library.function(
                    "lzma_stream_decoder", as: (@convention(c) (Stream, UInt64, UInt32) -> Int32).self),
                let code = library.function("lzma_code", as: (@convention(c) (Stream, Int32) -> Int32).self),
                let end = library.function("lzma_end", as: (@convention(c) (Stream) -> Void).self)
            else { return nil }
            return Functions(open: open, code: code, end: end)
        }()
    }

    /// `lzma_stream` of lzma/base.h.
    private struct LZMAStream {
        var nextIn: UnsafeRawPointer?
        var availableIn = 0
        var totalIn: UInt64 = 0
        var nextOut: UnsafeMutableRawPointer?
        var availableOut = 0
        var totalOut: UInt64 = 0
        var allocator: UnsafeRawPointer?
        var state: UnsafeMutableRawPointer?
        var pointers: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?)
        var numbers: (UInt64, UInt64) = (0, 0)
        var sizes: (Int, Int) = (0, 0)
        var enumerations: (UInt32, UInt32) = (0, 0)
    }

    private enum Status {
        static let ok: Int32 = 0
        static let streamEnd: Int32 = 1
        static let unknownCheck: Int32 = 3
        static let memory: Int32 = 5
        static let memoryLimit: Int32 = 6
        static let unknownOptions: Int32 = 8
        static let noProgress: Int32 = 10
    }

    private enum Action {
        static let run: Int32 = 0
        static let finish: Int32 = 3
    }

    /// `xz -9` needs 65 MiB. A header can ask for 4 GiB.
    private static let memoryLimit = 256 << 20
    /// To be told of a check that cannot be made, and to read several streams.
    private static let flags: UInt32 = 0x02 | 0x08

    private let functions: Functions
    private let stream = UnsafeMutablePointer<LZMAStream>.allocate(capacity: 1)

    init() throws(StreamError) {
        guard let functions = Functions.shared else {
            throw StreamError(missing: "liblzma", for: "xz", package: "liblzma5", command: "xz -d")
        }
        self.functions = functions
        stream.initialize(to: LZMAStream(pointers: (nil, nil, nil, nil)))
        let code = functions.open(stream, UInt64(Self.memoryLimit), Self.flags)
        guard code == Status.ok else {
            throw StreamError(reason: "liblzma refused to start with code \(code)")
        }
    }

    deinit {
        functions.end(stream)
        stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (consumed: Int, produced: Int) {
        let (consumed, produced, _) = try step(input, output, Action.run)
        return (consumed, produced)
    }

    func finish(into output: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
        // liblzma lets one call without progress pass.
        for _ in 0..<2 {
            let (_, produced, isAtEnd) = try step(
                UnsafeRawBufferPointer(start: nil, count: 0), output, Action.finish)
            if produced > 0 || isAtEnd { return produced }
        }
        throw StreamError(
            reason: "ends in the middle of its xz data", remedies: [.advice("fetch or compress it again")])
    }

    private func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, _ action: Int32
    ) throws(StreamError) -> (consumed: Int, produced: Int, isAtEnd: Bool) {
        stream.pointee.nextIn = input.baseAddress
        stream.pointee.availableIn = input.count
        stream.pointee.nextOut = output.baseAddress
        stream.pointee.availableOut = output.count
        let code = functions.code(stream, action)
        switch code {
        case Status.ok, Status.streamEnd, Status.noProgress: break
        case Status.memory: throw StreamError(reason: "liblzma has no memory to decompress it")
        case Status.memoryLimit:
            throw StreamError(
                reason: "needs more than \(Self.memoryLimit >> 20) MiB to be decompressed",
                remedies: [.advice("decompress it with xz -d")])
        case Status.unknownCheck, Status.unknownOptions:
            throw StreamError(
                reason: "has xz options that this liblzma does not know",
                remedies: [.advice("decompress it with a newer xz -d")])
        default:
            throw StreamError(
                reason: "is damaged xz data (code \(code))", remedies: [.advice("test it with xz -t")])
        }
        return (
            input.count - stream.pointee.availableIn, output.count - stream.pointee.availableOut,
            code == Status.streamEnd
        )
    }
}
