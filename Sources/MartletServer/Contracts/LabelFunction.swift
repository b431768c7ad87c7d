#if Server

internal import MartletSystem

/// What makes scores of a classifier's numbers, as clients of Hugging Face's classification name it.
enum LabelFunction: String, CaseIterable {
    case none, sigmoid, softmax

    /// The one that the request asks for; nil: the model's own.
    init?(_ fields: RequestFields) throws(ServiceError) {
        let names = Self.allCases.map(\.rawValue)
        guard let name = try fields.choice("function_to_apply", names) else { return nil }
        self.init(rawValue: name)
    }

    func values(of numbers: [Float]) -> [Float] {
        switch self {
        case .none: return numbers
        case .sigmoid: return numbers.map { 1 / (1 + expf(-$0)) }
        case .softmax:
            let largest = numbers.max() ?? 0
            let powers = numbers.map { expf($0 - largest) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        }
    }
}

#endif
