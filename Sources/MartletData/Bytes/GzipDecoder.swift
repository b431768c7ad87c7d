/// gzip and zlib streams (RFC 1950 to 1952) through the system's zlib, members one after the other.
final class GzipDecoder: StreamDecoder {
    private struct Functions {
        typealias Stream = UnsafeMutableRawPointer
        let initialise: @convention(c) (Stream, Int32, UnsafePointer<CChar>, Int32) -> Int32
        let inflate: @convention(c) (Stream, Int32) -> Int32
        let reset: @convention(c) (Stream) -> Int32
        let end: @convention(c) (Stream) -> Int32

        static let shared: Functions? = {
            guard
                let library = DynamicLibrary([
                    "libz.so.1", "libz.so", "libz.1.dylib", "/usr/lib/libz.1.dylib",
                ]),
                let initialise = library.function(
                    "inflateInit2_",
                    as: (@convention(c) (Stream, Int32, UnsafePointer<CChar>, Int32) -> Int32).self),
                let inflate = library.function("inflate", as: (@convention(c) (Stream, Int32) -> Int32).self),
                let reset = library.function("inflateReset", as: (@convention(c) (Stream) -> Int32).self),
                let end = library.function("inflateEnd", as: (@convention(c) (Stream) -> Int32).self)
            else { return nil }
            return Functions(initialise: initialise, inflate: inflate, reset: reset, end: end)
        }()
    }

    /// `z_stream` of zlib.h, whose layout zlib checks by its size.
    private struct ZStream {
        var nextIn: UnsafeRawPointer?
        var availableIn: UInt32 = 0
        var totalIn: UInt = 0
        var nextOut: UnsafeMutableRawPointer?
        var availableOut: UInt32 = 0
        var totalOut: UInt = 0
        var message: UnsafePointer<CChar>?
        var state: UnsafeMutableRawPointer?
        var allocate: UnsafeMutableRawPointer?
        var free: UnsafeMutableRawPointer?
        var opaque: UnsafeMutableRawPointer?
        var dataType: Int32 = 0
        var checksum: UInt = 0
        var reserved: UInt = 0
    }

    private enum Status {
        static let ok: Int32 = 0
        static let streamEnd: Int32 = 1
        static let noProgress: Int32 = -5
    }

    private let functions: Functions
    private let stream = UnsafeMutablePointer<ZStream>.allocate(capacity: 1)
    /// A member has ended, and no byte of another has been read.
    private var isBetweenMembers = false
    private var hasMember = false

    init() throws(StreamError) {
        guard let functions = Functions.shared else {
            throw StreamError(missing: "zlib", for: "gzip", package: "zlib1g", command: "gzip -d")
        }
        self.functions = functions
        stream.initialize(to: ZStream())
        // 15 bits of window, 32 for a gzip or a zlib header.
        let code = functions.initialise(stream, 15 + 32, "1.2.11", Int32(MemoryLayout<ZStream>.size))
        guard code == Status.ok else { throw StreamError(reason: "zlib refused to start with code \(code)") }
    }

    deinit {
        _ = functions.end(stream)
        stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (consumed: Int, produced: Int) {
        if isBetweenMembers, let first = input.first {
            // gzip pads with zeros where blocks must be full.
            if first == 0 { return (input.prefix { $0 == 0 }.count, 0) }
            guard functions.reset(stream) == Status.ok else {
                throw StreamError(reason: "zlib refused to go on")
            }
            isBetweenMembers = false
        }
        let (inCount, outCount) = (min(input.count, 1 << 30), min(output.count, 1 << 30))
        stream.pointee.nextIn = input.baseAddress
        stream.pointee.availableIn = UInt32(inCount)
        stream.pointee.nextOut = output.baseAddress
        stream.pointee.availableOut = UInt32(outCount)
        if inCount > 0 { hasMember = true }
        let code = functions.inflate(stream, 0)
        let consumed = inCount - Int(stream.pointee.availableIn)
        let produced = outCount - Int(stream.pointee.availableOut)
        switch code {
        case Status.ok, Status.noProgress: break
        case Status.streamEnd: isBetweenMembers = true
        default:
            let detail = stream.pointee.message.map { String(cString: $0) } ?? "code \(code)"
            throw StreamError(
                reason: "is damaged gzip data (\(detail))", remedies: [.advice("test it with gzip -t")])
        }
        return (consumed, produced)
    }

    func finish(into output: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
        if !isBetweenMembers, hasMember {
            // The last bytes may still be inside zlib.
            let (_, produced) = try decode(UnsafeRawBufferPointer(start: nil, count: 0), into: output)
            if produced > 0 || isBetweenMembers { return produced }
            throw StreamError(
                reason: "ends in the middle of its gzip data",
                remedies: [.advice("fetch or compress it again")])
        }
        return 0
    }
}
