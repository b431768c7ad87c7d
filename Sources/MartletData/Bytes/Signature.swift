/// The first bytes of streams that are not plain UTF-8. To read another kind: its decoder, and a row here.
enum Signature: CaseIterable {
    case gzip, zstd, bzip2, xz, lz4, utf16LittleEndian, utf16BigEndian, utf32LittleEndian, utf32BigEndian

    /// What a stream of this kind can begin with.
    private var beginnings: [[UInt8]] {
        switch self {
        case .gzip: [[0x1F, 0x8B]]
        case .zstd: [[0x28, 0xB5, 0x2F, 0xFD]]
        case .bzip2: Self.bzip2Beginnings
        case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]]
        case .lz4: [[0x04, 0x22, 0x4D, 0x18]]
        case .utf16LittleEndian: [[0xFF, 0xFE]]
        case .utf16BigEndian: [[0xFE, 0xFF]]
        case .utf32LittleEndian: [[0xFF, 0xFE, 0, 0]]
        case .utf32BigEndian: [[0, 0, 0xFE, 0xFF]]
        }
    }

    /// A level from 1 to 9, and the mark of a block or, where nothing was compressed, that of the end.
    private static let bzip2Beginnings: [[UInt8]] = "123456789".utf8.flatMap { level in
        [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]].map {
            Array("BZh".utf8) + [level] + $0
        }
    }

    /// The ending of file names that says nothing of the format below the compression.
    private var ending: String? {
        switch self {
        case .gzip: "gz"
        case .zstd: "zst"
        case .bzip2: "bz2"
        case .xz: "xz"
        case .lz4: "lz4"
        case .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian: nil
        }
    }

    /// Bytes at the start that are no part of the content.
    var markLength: Int { self == .utf16LittleEndian || self == .utf16BigEndian ? 2 : 0 }

    func makeDecoder() throws(StreamError) -> any StreamDecoder {
        switch self {
        case .gzip: try GzipDecoder()
        case .zstd: try ZstdDecoder()
        case .bzip2: try Bzip2Decoder()
        case .xz: try XZDecoder()
        case .lz4: try LZ4Decoder()
        case .utf16LittleEndian: UTF16Decoder(bigEndian: false)
        case .utf16BigEndian: UTF16Decoder(bigEndian: true)
        case .utf32LittleEndian, .utf32BigEndian:
            throw StreamError(
                reason: "is UTF-32, which is not read",
                remedies: [.advice("convert it with iconv -f UTF-32 -t UTF-8")])
        }
    }

    /// The longest signature that `bytes` begin with, and whether more bytes could make it a longer one.
    static func find(_ bytes: [UInt8]) -> (found: Signature?, needsMore: Bool) {
        var (found, length, needsMore) = (Signature?.none, 0, false)
        for (signature, beginning) in all {
            if beginning.count > bytes.count {
                needsMore = needsMore || beginning.starts(with: bytes)
            } else if beginning.count > length, bytes.starts(with: beginning) {
                (found, length) = (signature, beginning.count)
            }
        }
        return (found, needsMore)
    }

    private static let all = allCases.flatMap { signature in signature.beginnings.map { (signature, $0) } }

    /// Endings of compressed files.
    static let endings = allCases.compactMap(\.ending)
}
