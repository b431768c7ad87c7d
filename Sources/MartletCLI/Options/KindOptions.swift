#if Command

import ArgumentParser
import Martlet

extension EmbeddingKind: ExpressibleByArgument {}

/// What gives sparse vectors their weights.
enum SparseMethod: String, CaseIterable, ExpressibleByArgument {
    /// The model's own head.
    case native
    /// Words alone, without a model.
    case bm25
    /// Words, and the attention of any BERT.
    case bm42
}

/// What a text becomes.
struct KindOptions: ParsableArguments {
    @Option(
        help:
            "One dense vector, one sparse vector, or a vector for each token, for late interaction. Default: what the model makes."
    )
    var kind: EmbeddingKind?

    @Option(
        help: ArgumentHelp(
            "What gives sparse vectors their weights: the model's own head, words alone (bm25), or a BERT's attention to words (bm42)."
        ))
    var method: SparseMethod = .native

    @Option(
        help: ArgumentHelp("Keep the n largest dimensions of a sparse vector.", valueName: "n"))
    var maxActiveDims: Int?

    @Flag(
        help:
            "Write what each dimension of a sparse vector stands for: a token, or with bm25 and bm42 the stem of a word."
    )
    var tokens = false

    func validate() throws {
        if let maxActiveDims, maxActiveDims < 1 {
            throw CommandError.usage("--max-active-dims \(maxActiveDims): expected at least 1")
        }
    }

    /// What the model at a path makes where nobody says.
    func resolved(model: String?) throws -> EmbeddingKind { try Self.resolved(kind, method, model: model) }

    static func resolved(_ kind: EmbeddingKind?, _ method: SparseMethod, model: String?) throws
        -> EmbeddingKind
    {
        if method != .native {
            guard kind == nil || kind == .sparse else {
                throw CommandError.usage("--method \(method.rawValue) is for --kind sparse")
            }
            guard method != .bm25 || model == nil else {
                throw CommandError.usage("--method bm25 needs no model; drop --model")
            }
            return .sparse
        }
        if let kind {
            if kind != .dense, model == nil {
                throw CommandError.usage(
                    "--kind \(kind.rawValue): the built-in model makes dense vectors; name another with --model\(kind == .sparse ? ", or pass --method bm25 or bm42" : "")"
                )
            }
            return kind
        }
        guard let model else { return .dense }
        return try EmbeddingKind.of(ModelName.source(model))
    }

    /// Options that say nothing of vectors of that kind are errors.
    func check(_ kind: EmbeddingKind, _ text: TextOptions, pooling: EmbedPooling) throws {
        if kind != .sparse, maxActiveDims != nil {
            throw CommandError.usage("--max-active-dims is for --kind sparse")
        }
        if kind != .sparse, tokens { throw CommandError.usage("--tokens is for --kind sparse") }
        guard kind != .dense else { return }
        let place = "--kind \(kind.rawValue)"
        if text.dimensions != nil {
            throw CommandError.usage("--dimensions shortens dense vectors; it is not for \(place)")
        }
        if text.noNormalize {
            throw CommandError.usage("--no-normalize is for dense vectors, not for \(place)")
        }
        if pooling != .native { throw CommandError.usage("--pooling is for dense vectors, not for \(place)") }
    }
}

#endif
