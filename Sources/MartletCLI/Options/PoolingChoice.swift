#if Command

import ArgumentParser
import Martlet

/// What a command takes after `--pooling`.
protocol PoolingChoice: ExpressibleByArgument, Sendable {
    static var native: Self { get }
    static var help: ArgumentHelp { get }
    /// The library's pooling; nil where texts are not pooled.
    var pooling: Pooling? { get }
}

extension Pooling: PoolingChoice {
    static var help: ArgumentHelp { "Pooling, in place of what the model says." }
    var pooling: Pooling? { self }
}

/// Every pooling of the library, and `none`: token vectors instead of a vector a text.
enum EmbedPooling: PoolingChoice, Equatable {
    case text(Pooling)
    case tokens

    static var native: EmbedPooling { .text(.native) }
    static var help: ArgumentHelp {
        "Pooling, in place of what the model says; none gives the vector of each token."
    }

    private static let tokensName = "none"

    init?(argument: String) {
        if argument == Self.tokensName {
            self = .tokens
        } else if let pooling = Pooling(argument: argument) {
            self = .text(pooling)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { Pooling.allValueStrings + [tokensName] }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    var defaultValueDescription: String { pooling?.rawValue ?? Self.tokensName }

    var pooling: Pooling? {
        switch self {
        case .text(let pooling): pooling
        case .tokens: nil
        }
    }
}

#endif
