#if Server

internal import Martlet

/// What makes scores of a classifier's numbers, as clients of Hugging Face's classification name it.
enum LabelFunction: String, CaseIterable {
    case none, sigmoid, softmax

    static let member = Schema.Member.optional(
        "function_to_apply", .nullable(.word(allCases.map(\.rawValue), "in place of the model's own")))

    /// The one that the request asks for; nil: the model's own.
    init?(_ fields: RequestFields) throws(ServiceError) {
        let names = Self.allCases.map(\.rawValue)
        guard let name = try fields.choice("function_to_apply", names) else { return nil }
        self.init(rawValue: name)
    }

    private var activation: LabelActivation {
        switch self {
        case .none: .each(.identity)
        case .sigmoid: .each(.sigmoid)
        case .softmax: .softmax
        }
    }

    func values(of numbers: [Float]) -> [Float] { activation.applied(numbers) }
}

#endif
