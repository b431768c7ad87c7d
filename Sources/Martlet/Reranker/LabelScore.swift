/// A label and how much it fits.
public struct LabelScore: Sendable, Hashable {
    /// The label's name in the model's configuration, such as "entailment"; "LABEL_0" and so on where that
    /// gives none.
    public let label: String
    /// Its score, after the activation that the call asked for.
    public let score: Float
}
