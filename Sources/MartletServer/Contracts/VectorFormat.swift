#if Server

internal import MartletJSON

/// The numbers of a vector in an answer.
enum VectorType: String, Sendable, CaseIterable {
    case float
    case int8
    case uint8
    /// One bit a dimension, 1 for a number above 0: eight to a byte, the first dimension in the highest bit.
    case ubinary
    /// The same bytes less 128.
    case binary

    /// The bytes of a vector.
    ///
    /// int8 scales each vector so that its largest number is 127 or -127, which leaves its direction and so
    /// every cosine; no other vector takes part, so a text has the same bytes in any request. uint8 is int8
    /// and 128.
    func bytes(of row: [Float]) -> [UInt8] {
        switch self {
        case .float: Self.floatBytes(row)
        case .int8: Self.levels(row)
        case .uint8: Self.levels(row).map { $0 ^ 0x80 }
        case .ubinary: Self.signs(row)
        case .binary: Self.signs(row).map { $0 ^ 0x80 }
        }
    }

    private var isSigned: Bool { self == .int8 || self == .binary }

    private static func floatBytes(_ row: [Float]) -> [UInt8] {
        row.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
        }
    }

    private static func levels(_ row: [Float]) -> [UInt8] {
        let largest = row.reduce(Float(0)) { max($0, abs($1)) }
        let scale = largest > 0 ? 127 / largest : 0
        return row.map { value in
            UInt8(bitPattern: Int8(max(-127, min(127, (value * scale).rounded(.toNearestOrEven)))))
        }
    }

    private static func signs(_ row: [Float]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (row.count + 7) / 8)
        for (index, value) in row.enumerated() where value > 0 {
            bytes[index / 8] |= 0x80 >> UInt8(index % 8)
        }
        return bytes
    }

    /// A list of numbers.
    func append(_ row: [Float], to output: inout [UInt8]) {
        guard self != .float else { return RowText.append(row, to: &output) }
        output.append("[")
        for (index, byte) in bytes(of: row).enumerated() {
            if index > 0 { output.append(",") }
            JSONText.append(isSigned ? Int(Int8(bitPattern: byte)) : Int(byte), to: &output)
        }
        output.append("]")
    }
}

/// How an answer writes vectors: as lists of numbers, or as their bytes in base64.
struct VectorFormat: Sendable {
    var type = VectorType.float
    var isBase64 = false

    func append(_ row: [Float], to output: inout [UInt8]) {
        guard isBase64 else { return type.append(row, to: &output) }
        output.append("\"")
        if type == .float {
            Base64.append(row, to: &output)
        } else {
            type.bytes(of: row).withUnsafeBytes { Base64.append($0, to: &output) }
        }
        output.append("\"")
    }
}

extension Schemas {
    private static let types = VectorType.allCases.map(\.rawValue)

    /// What `RequestFields.vectorFormat()` reads.
    static let vectorFormat: [Schema.Member] = [
        .optional(
            "encoding_format",
            .nullable(.word(["float", "base64"], "numbers, or their bytes, little-endian"))),
        .optional(
            "output_dtype",
            .nullable(
                .word(
                    types,
                    "the numbers: int8 scales each vector to 127; ubinary and binary have one bit a dimension"
                ))),
        .optional("embedding_type", .nullable(.word(types + ["base64"], "Jina's name for both"))),
    ]

    /// What `RequestFields.encoding()` reads.
    static let encoding: [Schema.Member] = [
        .optional("encoding_format", .nullable(.word(["float", "base64"], "numbers, or little-endian f32"))),
        .optional("embedding_type", .nullable(.word(["float", "base64"], "Jina's name for it"))),
    ]

    /// What `RequestFields.normalizes()` reads.
    static let normalization: [Schema.Member] = [
        .optional("normalize", .nullable(.boolean("whether vectors have length 1; the default"))),
        .optional("normalized", .nullable(.boolean("Jina's name for normalize"))),
        .optional(
            "embd_normalize",
            .nullable(.integer(-1...2, "2, the default: of length 1; -1: as the model gives it"))),
    ]

    /// What `RequestFields.asksForUnitLength()` reads.
    static let unitLength: [Schema.Member] = [
        .optional("normalize", .nullable(.boolean("true: vectors have length 1"))),
        .optional("normalized", .nullable(.boolean("the same"))),
        .optional("embd_normalize", .nullable(.integer(2...2, "the same"))),
    ]

    /// What `RequestFields.dimensions(zeroIsAll:)` reads.
    static func dimensions(zeroIsAll: Bool = false) -> [Schema.Member] {
        let count = Schema.integer(
            (zeroIsAll ? 0 : 1)...Int(Int32.max), "leading dimensions to keep" + (zeroIsAll ? "; 0: all" : "")
        )
        return ["dimensions", "output_dimension"].map { .optional($0, .nullable(count)) }
    }
}

extension RequestFields {
    /// The format that OpenAI's `encoding_format`, Voyage's and Mistral's `output_dtype`, or Jina's
    /// `embedding_type` asks for.
    func vectorFormat() throws(ServiceError) -> VectorFormat {
        let types = VectorType.allCases.map(\.rawValue)
        let encoding = try choice("encoding_format", ["float", "base64"])
        let type = try choice("embedding_type", types + ["base64"])
        let own = type == "base64" ? nil : type
        let other = try choice("output_dtype", types)
        if let own, let other, other != own { throw .both("output_dtype", "embedding_type") }
        if encoding == "float", type == "base64" { throw .both("encoding_format", "embedding_type") }
        let name = own ?? other ?? "float"
        return VectorFormat(
            type: VectorType(rawValue: name) ?? .float, isBase64: encoding == "base64" || type == "base64")
    }

    /// Whether vectors get length 1: Martlet's own name for it, Jina's, or llama.cpp's, whose other norms are
    /// refused.
    func normalizes() throws(ServiceError) -> Bool {
        let norm = try integer("embd_normalize", in: -1...Int(Int32.max))
        guard norm == nil || norm == 2 || norm == -1 else {
            throw .invalid(
                "embd_normalize",
                "embd_normalize is \(norm ?? 0), expected 2 (length 1) or -1 (as the model gives it)")
        }
        let found = [
            ("normalize", try bool("normalize")), ("normalized", try bool("normalized")),
            ("embd_normalize", norm.map { $0 == 2 }),
        ].compactMap { name, value in value.map { (name, $0) } }
        guard let first = found.first else { return true }
        if let other = found.first(where: { $0.1 != first.1 }) { throw .both(first.0, other.0) }
        return first.1
    }

    /// Whether the request says that vectors get length 1, for routes whose vectors have it in any case.
    /// - Throws: If the request asks for another length.
    func asksForUnitLength() throws(ServiceError) -> Bool {
        guard let name = Schemas.unitLength.map(\.name).first(where: { value($0) != nil }) else {
            return false
        }
        if try normalizes() { return true }
        throw .invalid(
            name, "\(name) asks for another length, and vectors of this route have length 1; leave it out")
    }

    enum Encoding { case float, base64 }

    /// How vectors of numbers are written; Jina's name for it is the second.
    func encoding() throws(ServiceError) -> Encoding {
        guard let key = try value(anyOf: ["encoding_format", "embedding_type"])?.key else { return .float }
        return try choice(key, ["float", "base64"]) == "base64" ? .base64 : .float
    }

    /// Leading dimensions to keep: OpenAI's name for it, or that of Cohere, Voyage and Mistral.
    /// - Parameter zeroIsAll: As infinity's clients mean it.
    func dimensions(zeroIsAll: Bool = false) throws(ServiceError) -> Int? {
        guard let key = try value(anyOf: ["dimensions", "output_dimension"])?.key else { return nil }
        let count = try integer(key, in: (zeroIsAll ? 0 : 1)...Int(Int32.max))
        return count == 0 ? nil : count
    }
}

#endif
