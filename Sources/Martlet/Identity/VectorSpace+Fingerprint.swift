extension VectorSpace {
    /// "sha256:…" of all that must be equal for two vectors to be compared: one text to store and to compare
    /// in place of the whole value. The first call may read the model's files.
    public var fingerprint: String {
        var parts = [
            weights, tokenizer, configuration, kind.rawValue, "\(dimensions)", pooling.joined(separator: "+"),
            isNormalized ? "normalized" : "not normalized", task ?? "", adapter ?? "", context ?? "",
        ]
        for (name, prompt) in prompts.sorted(by: { $0.key < $1.key }) { parts += [name, prompt] }
        // Lengths keep two lists of parts apart that join to the same text.
        return "sha256:" + SHA256.digest(of: parts.map { "\($0.utf8.count):\($0)" }.joined())
    }
}
