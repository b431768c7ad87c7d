package import MartletWeights

extension MartletError {
    /// The same message and file, with the code that callers of the library know.
    package init(_ error: WeightError) {
        let code: Code =
            switch error.code {
            case .io: .io
            case .unsupported: .unsupportedModel
            default: .invalidModel
            }
        self.init(code, error.message, file: error.file)
    }
}
