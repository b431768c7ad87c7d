/// The first bytes of streams that are not plain UTF-8. To read another kind: its decoder, and a row here.
enum Signature: CaseIterable {
    case gzip, zstd, utf16LittleEndian, utf16BigEndian, utf32LittleEndian, utf32BigEndian, bzip2, xz

    var bytes: [UInt8] {
        switch self {
        case .gzip: [0x1F, 0x8B]
        case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
        case .utf16LittleEndian: [0xFF, 0xFE]
        case .utf16BigEndian: [0xFE, 0xFF]
        case .utf32LittleEndian: [0xFF, 0xFE, 0, 0]
        case .utf32BigEndian: [0, 0, 0xFE, 0xFF]
        case .bzip2: Array("BZh91AY&SY".utf8)
        case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]
        }
    }

    /// Bytes at the start that are no part of the content.
    var markLength: Int { self == .utf16LittleEndian || self == .utf16BigEndian ? 2 : 0 }

    func makeDecoder() throws(StreamError) -> any StreamDecoder {
        switch self {
        case .gzip: try GzipDecoder()
        case .zstd: try ZstdDecoder()
        case .utf16LittleEndian: UTF16Decoder(bigEndian: false)
        case .utf16BigEndian: UTF16Decoder(bigEndian: true)
        case .utf32LittleEndian, .utf32BigEndian:
            throw StreamError(
                reason: "is UTF-32, which is not read",
                remedies: [.advice("convert it with iconv -f UTF-32 -t UTF-8")])
        case .bzip2:
            throw StreamError(
                reason: "is compressed with bzip2, which is not read",
                remedies: [.advice("decompress it with bzip2 -d")])
        case .xz:
            throw StreamError(
                reason: "is compressed with xz, which is not read",
                remedies: [.advice("decompress it with xz -d")])
        }
    }

    /// The longest signature that `bytes` begin with, and whether more bytes could make it a longer one.
    static func find(_ bytes: [UInt8]) -> (found: Signature?, needsMore: Bool) {
        let found = allCases.filter { bytes.starts(with: $0.bytes) }.max { $0.bytes.count < $1.bytes.count }
        let needsMore = allCases.contains { $0.bytes.count > bytes.count && $0.bytes.starts(with: bytes) }
        return (found, needsMore)
    }

    /// File name endings that say nothing of the format below the compression.
    static let endings: Set<String> = ["gz", "zst", "bz2", "xz"]
}
