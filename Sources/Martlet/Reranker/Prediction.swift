/// What a classifier reads: one text, or two together.
public enum ClassifierInput: Sendable, Hashable {
    case text(String)
    case pair(String, String)
}

extension ClassifierInput: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
}

/// A label and how much it fits.
public struct LabelScore: Sendable, Hashable {
    /// The label's name in the model's configuration, such as "entailment"; "LABEL_0" and so on where that
    /// gives none.
    public let label: String
    /// Its score, after the activation that the call asked for.
    public let score: Float
}

/// For each input the scores of all labels, in the order of the model's labels.
public struct Predictions: Sendable, Hashable {
    private let rows: [[LabelScore]]
    /// What it took to compute them.
    public let usage: Usage

    init(rows: [[LabelScore]], usage: Usage) {
        self.rows = rows
        self.usage = usage
    }
}

extension Predictions: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { rows.count }
    /// The labels of an input, from 0.
    public subscript(index: Int) -> [LabelScore] { rows[index] }
}
