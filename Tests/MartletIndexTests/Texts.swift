import MartletIndex
import MartletSystem
import MartletTestSupport
import Synchronization

/// Folders, vectors and texts for tests, the same in every run.
enum Made {
    static let identity = CollectionIdentity(model: "made", fingerprint: "1")

    static func settings(_ dimensions: Int, store: VectorStore = .f16) -> CollectionSettings {
        CollectionSettings(identity: identity, dimensions: dimensions, store: store)
    }

    /// The folder of all collections; it is removed when the process ends.
    private static let root: TemporaryFolder? = {
        atexit { Made.root?.removeAll() }
        return try? TemporaryFolder()
    }()
    private static let paths = Atomic<Int>(0)

    /// The path of a folder that does not exist yet.
    static func path() -> String {
        guard let root else { preconditionFailure("no folder for a test") }
        return "\(root.path)/\(paths.add(1, ordering: .relaxed).newValue).martlet"
    }

    /// Vectors in clusters, about as near to each other as those of texts are.
    static func vectors(_ count: Int, _ dimensions: Int, seed: UInt64) -> [[Float]] {
        var random = SplitMix64(state: seed)
        func normal() -> Float {
            (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &random) }
        }
        let centers = (0..<40).map { _ in (0..<dimensions).map { _ in normal() } }
        return (0..<count).map { _ in
            let center = centers[random.below(centers.count)]
            return unit(center.map { 0.7 * $0 + normal() })
        }
    }

    static func unit(_ vector: [Float]) -> [Float] {
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / norm }
    }

    static let words = [
        "pasta", "water", "boil", "kitchen", "salt", "garden", "rose", "soil", "seed", "spring", "train",
        "station", "ticket", "journey",
        "map",
        "river", "bridge", "stone", "castle", "king", "music", "violin", "concert", "note", "song",
    ]

    static func text(_ random: inout SplitMix64) -> String {
        (0..<(3 + random.below(20))).map { _ in
            let place = min(random.below(words.count), random.below(words.count))
            return words[place]
        }.joined(separator: " ")
    }

    static func records(_ count: Int, _ dimensions: Int = 96, seed: UInt64 = 1, prefix: String = "r")
        -> [Record]
    {
        var random = SplitMix64(state: seed)
        return zip(0..<count, vectors(count, dimensions, seed: seed &+ 7)).map { index, vector in
            var fields: [String: FieldValue] = [
                "year": .integer(2000 + random.below(25)),
                "tag": .string(["food", "art", "travel"][random.below(3)]),
            ]
            if random.below(2) == 0 {
                fields["labels"] = .strings(random.below(2) == 0 ? ["new", "long"] : ["old"])
            }
            if random.below(4) > 0 { fields["price"] = .float(Double(random.below(1000)) / 8) }
            return Record(id: "\(prefix)\(index)", text: text(&random), vector: vector, fields: fields)
        }
    }
}

func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
