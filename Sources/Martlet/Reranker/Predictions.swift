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
