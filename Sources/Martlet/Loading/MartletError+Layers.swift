internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

/// An error of a lower layer that can be told to the caller as it is.
protocol LayerError: Error {
    var message: String { get }
    var file: String { get }
    var publicCode: MartletError.Code { get }
}

extension WeightError: LayerError {
    var publicCode: MartletError.Code {
        switch code {
        case .io: .io
        case .unsupported: .unsupportedModel
        case .malformed, .missingTensor, .shapeMismatch, .invalidValue: .invalidModel
        }
    }
}

extension ModelError: LayerError {
    var publicCode: MartletError.Code {
        switch code {
        case .unsupported: .unsupportedModel
        case .noMemory: .io
        default: .invalidModel
        }
    }
}

extension TokenizerError: LayerError {
    var publicCode: MartletError.Code { code == .unsupportedType ? .unsupportedModel : .invalidModel }
}

/// Runs a call of a lower layer and passes its error on as ours, with its message and file.
func wrapping<T, E: LayerError>(_ body: () throws(E) -> T) throws(MartletError) -> T {
    do throws(E) {
        return try body()
    } catch {
        throw MartletError(error.publicCode, error.message, file: error.file)
    }
}
