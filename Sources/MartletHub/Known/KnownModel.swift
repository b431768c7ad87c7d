public import Martlet

/// A published model that is known by name.
public struct KnownModel: Sendable, Hashable {
    /// `org/repo` on the Hugging Face Hub.
    public let repository: String
    /// The shortest name that it is known by here.
    public let name: String
    /// Names that other programs have for it.
    public let aliases: [String]
    /// What it gives for a text.
    public let kind: ModelKind
    /// `model_type` of its config.json.
    public let family: String
    /// Dimensions of its vectors; nil for rerankers and for sparse models, which have one for each word.
    public let dimensions: Int?
    /// The most tokens of a text.
    public let maxTokens: Int
    /// How token vectors become one; nil where none is asked for.
    public let pooling: Pooling?
    /// What its authors put before a query; nil: nothing.
    public let queryPrompt: String?
    /// What its authors put before a document; nil: nothing.
    public let documentPrompt: String?
    /// Weights, in millions.
    public let millions: Int
    /// The licence by its SPDX name in lower case, or the name of its own.
    public let license: String
}
