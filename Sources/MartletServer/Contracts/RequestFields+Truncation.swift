#if Server

internal import Martlet
internal import MartletJSON

extension Schemas {
    /// What `RequestFields.truncation()` reads.
    static let teiTruncation: [Schema.Member] = [
        .optional(
            "truncate",
            .nullable(.boolean("whether texts that are too long are cut; the default, or an error"))),
        .optional(
            "truncation_direction",
            .nullable(.word(["left", "right", "Left", "Right"], "the side that is cut"))),
    ]

    /// What `RequestFields.truncationPolicy()` reads.
    static let truncation: [Schema.Member] = [
        .optional(
            "truncate",
            .nullable(
                .oneOf(
                    [.boolean(""), .word(["END", "START", "NONE"], "")],
                    "how texts that are too long are cut"))),
        .optional(
            "truncation",
            .nullable(.boolean("Voyage's: whether texts that are too long are cut; the default, or an error"))
        ),
    ]
}

extension RequestFields {
    /// TEI's `truncate` and `truncation_direction`. Without `truncate` texts are cut, as its auto-truncate
    /// does.
    func truncation() throws(ServiceError) -> TruncationPolicy {
        let direction = try choice("truncation_direction", ["right", "left"])
        guard try bool("truncate") ?? true else { return .error }
        return direction == "left" ? .start : direction == "right" ? .end : .native
    }

    /// `truncate` in the forms that OpenAI-like servers have: a boolean, or Cohere's and NVIDIA's NONE, START
    /// and END; Voyage's `truncation` is a boolean.
    /// - Throws: If one says that texts are cut, and the other that they are not.
    func truncationPolicy() throws(ServiceError) -> TruncationPolicy {
        let cuts = try bool("truncation")
        guard let value = value("truncate") else { return cuts ?? true ? .native : .error }
        let policy = try Self.policy(value)
        if let cuts, cuts == (policy == .error) { throw .both("truncate", "truncation") }
        return policy
    }

    private static func policy(_ value: JSONValue) throws(ServiceError) -> TruncationPolicy {
        if let bool = value.bool { return bool ? .native : .error }
        switch value.string?.lowercased() {
        case "end", "right": return .end
        case "start", "left": return .start
        case "none", "error": return .error
        default:
            throw .invalid(
                "truncate", "truncate: expected true, false, END, START or NONE, found \(value.kind)")
        }
    }
}

#endif
