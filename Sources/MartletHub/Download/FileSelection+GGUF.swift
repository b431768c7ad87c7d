internal import Martlet
internal import MartletJSON

/// Which of several GGUF files is meant.
extension FileSelection {
    /// The order in which GGUF files are preferred: near the original first, yet small.
    static let quantisations = [
        "Q8_0", "F16", "FP16", "BF16", "F32", "FP32", "Q6_K", "Q5_K_M", "Q5_1", "Q5_0", "Q5_K_S", "Q4_K_M",
        "Q4_1", "Q4_0", "Q4_K_S",
        "IQ4_NL", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K",
    ]

    static func isGGUF(_ file: String) -> Bool { file.hasSuffix(".gguf") && !file.contains("mmproj") }

    /// The file to fetch.
    func gguf() throws(HubError) -> String {
        let found = all.filter(Self.isGGUF).sorted()
        if found.isEmpty, variant == nil { throw noWeights() }
        let names = found.isEmpty ? "none; pull \(repository)" : found.joined(separator: ", ")
        if let variant {
            let matches = Self.matches(variant, in: found)
            guard let match = matches.first, matches.count == 1 else {
                throw HubError(
                    .notFound,
                    "\(repository) has \(matches.isEmpty ? "no" : "more than one") GGUF file \(variant.quotedForMessage); it has \(names)",
                    repository: repository)
            }
            return match
        }
        if found.count == 1 { return found[0] }
        for quantisation in Self.quantisations {
            if let match = Self.matches(quantisation, in: found).first { return match }
        }
        throw HubError(
            .notFound, "\(repository) has several GGUF files; name one as \(repository):FILE: \(names)",
            repository: repository)
    }

    /// The GGUF files that a name means: those of that name, with or without the ending, else those that end
    /// in it as in a quantisation.
    static func matches(_ variant: String, in files: [String]) -> [String] {
        let variant = variant.lowercased()
        let named = files.filter { [variant, variant + ".gguf"].contains(name(of: $0)) }
        return named.isEmpty ? files.filter { name(of: $0).endsInPart(variant) } : named
    }

    private static func name(of file: String) -> String {
        (file.split(separator: "/").last.map(String.init) ?? file).lowercased()
    }
}

extension String {
    /// Whether the name of a GGUF file ends in a part, after a sign that parts it from what is before.
    fileprivate func endsInPart(_ part: String) -> Bool {
        let stem = dropLast(".gguf".count)
        guard stem.hasSuffix(part), let sign = stem.dropLast(part.count).last else { return false }
        return "-._".contains(sign)
    }
}
