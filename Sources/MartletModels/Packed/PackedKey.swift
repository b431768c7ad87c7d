internal import MartletCompute
internal import MartletSystem
internal import MartletWeights

/// What the packed matrices of an encoder depend on, as text: the weights, what is made of them, and for whom
/// they are packed.
struct PackedKey: Sendable, Equatable {
    let text: String
    /// The name of a file of them.
    let name: String

    /// nil: the weights are no files, so that nothing tells them from others.
    init?(
        _ checkpoint: Checkpoint, _ d: TransformerDescription, smoothing: Smoothing?,
        _ backend: CPUBackend
    ) {
        let (precision, kernels, files) = (backend.precision, backend.kernels, checkpoint.source.files)
        guard !files.isEmpty else { return nil }
        var parts = ["martlet \(PackedFile.version).\(PackedLayout.version)"]
        parts += files.map(\.identity)
        parts += (checkpoint.lowRank?.source.files ?? []).map { "adapter " + $0.identity }
        parts.append(checkpoint.lowRank.map { "\($0.scaling)" } ?? "")
        parts += [
            "\(d)", "\(checkpoint.layout)", checkpoint.adapter.map { "\($0)" } ?? "", checkpoint.prefix,
        ]
        parts += [kernels.name, "\(kernels.panelWidth)", "\(kernels.hasBF16Dot)", precision.rawValue]
        if precision.roundsInputs {
            parts.append(smoothing == nil ? "scales of \(Calibration.tokens) tokens" : "own scales")
        }
        text = parts.joined(separator: "\n")
        let digest = String(Checksum.xxh64(text), radix: 16)
        name =
            String(repeating: "0", count: 16 - digest.count) + digest
            + "-\(kernels.name)-\(precision.rawValue)"
    }
}

extension MappedFile {
    /// Tells the file from others: by the digest that is a hub's name for it, else by what the system says of
    /// it and a sample of its bytes.
    fileprivate var identity: String {
        if let digest = Self.hubDigest(of: path) { return digest }
        let bytes = region
        let (samples, size) = (16, 4096)
        let sums = (0..<samples).map { sample in
            let offset = (bytes.count - size) / (samples - 1) * sample
            let part = bytes.subregion(offset: max(0, offset), count: min(size, bytes.count)) ?? bytes
            return String(part.withUnsafeBytes(Checksum.xxh64), radix: 36)
        }
        return "\(stamp) \(sums.joined(separator: " "))"
    }

    /// The hub's cache links a snapshot's files to `blobs/DIGEST`.
    private static func hubDigest(of path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        let parts = String(cString: real).split(separator: "/").suffix(2)
        guard parts.first == "blobs", let name = parts.last, name.utf8.count == 64,
            name.utf8.allSatisfy(isHexadecimal)
        else { return nil }
        return String(name)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
