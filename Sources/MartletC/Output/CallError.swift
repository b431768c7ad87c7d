import Martlet
import MartletChunking
import MartletHub
import MartletIndex
import MartletJSON

/// Why a call of the C interface failed.
struct CallError: Error {
    let status: Status
    /// For programs, such as "input_too_long".
    let code: String
    /// One sentence for people.
    var message: String
    var remedy: JSONValue?
    var file: String?
    /// The text, offset or record at fault, from 0.
    var index: Int?

    init(
        _ status: Status, _ code: String, _ message: String, remedy: JSONValue? = nil, file: String? = nil,
        index: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy
        self.file = file
        self.index = index
    }

    static func argument(_ message: String, index: Int? = nil) -> CallError {
        CallError(.invalidArgument, "invalid_argument", message, index: index)
    }

    static func option(_ message: String) -> CallError {
        CallError(.invalidOption, "invalid_option", message)
    }

    static let cancelled = CallError(.cancelled, "cancelled", "the progress callback asked to stop")

    /// An error of any layer.
    /// - Parameter first: The place in the call of the first text that the layer saw.
    init(_ error: any Error, countingFrom first: Int = 0) {
        switch error {
        case let error as CallError: self = error
        case let error as MartletError: self.init(error, countingFrom: first)
        case let error as ChunkingError:
            self.init(Status(error.code), error.code.rawValue, error.message)
        case let error as IndexError:
            self.init(
                Status(error.code), error.code.rawValue, error.message, file: error.path,
                index: error.position)
        case let error as HubError:
            self.init(error.code == .io ? .io : .notFound, error.code.rawValue, error.message)
        default: self.init(.io, "unknown", "\(error)")
        }
    }

    private init(_ error: MartletError, countingFrom first: Int) {
        let place = error.inputIndex.map { $0 + first }
        let message =
            first == 0 ? error.message : place.map { error.message(calling: "text \($0)") } ?? error.message
        self.init(
            Status(error.code), error.code.rawValue, message, remedy: error.remedy.map(JSONValue.init),
            file: error.file, index: place)
    }
}

extension Status {
    fileprivate init(_ code: MartletError.Code) {
        switch code {
        case .invalidModel, .unsupportedModel, .nonFinite, .invalidOutput: self = .invalidModel
        case .missingFile: self = .notFound
        case .io: self = .io
        case .inputTooLong, .invalidInput: self = .invalidInput
        case .invalidOption: self = .invalidOption
        case .differentSpaces, .dimensionMismatch: self = .mismatch
        }
    }

    fileprivate init(_ code: ChunkingError.Code) {
        switch code {
        case .invalidSize, .invalidOption: self = .invalidOption
        case .indivisible: self = .invalidInput
        case .unsupportedModel: self = .invalidModel
        }
    }

    fileprivate init(_ code: IndexError.Code) {
        switch code {
        case .io, .damaged, .unsupportedVersion: self = .io
        case .notFound: self = .notFound
        case .alreadyExists, .invalidOption: self = .invalidOption
        case .locked: self = .busy
        case .identityMismatch: self = .mismatch
        case .invalidRecord, .invalidFilter: self = .invalidInput
        }
    }
}

extension JSONValue {
    /// What the caller can do, in the words of this interface's options.
    fileprivate init(_ remedy: Remedy) {
        self =
            switch remedy {
            case .choosePooling: .object(["option": .string("pooling")])
            case .loadAs(let kind): .object(["option": .string("kind"), "value": .string(kind.rawValue)])
            case .rankBySimilarity: .object(["use": .string("similarity")])
            case .dropTask: .object(["remove": .string("task")])
            case .chooseTask(let tasks):
                .object(["option": .string("task"), "choices": .array(tasks.map(JSONValue.string))])
            case .limitTokens(let count):
                .object(["option": .string("max_tokens"), "value": .integer(count)])
            }
    }
}
