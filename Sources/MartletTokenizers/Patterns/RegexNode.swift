/// Why a pattern cannot be used.
struct RegexError: Error {
    let message: String
}

/// A pattern as a tree.
indirect enum RegexNode {
    case set(CharacterSet)
    case sequence([RegexNode])
    case alternation([RegexNode])
    case repeated(RegexNode, minimum: Int, maximum: Int?, RepeatMode)
    case look(RegexNode, isAhead: Bool, isNegative: Bool)
    case atomic(RegexNode)
    case anchor(RegexAnchor)

    enum RepeatMode { case greedy, lazy, possessive }

    /// Characters that every match has, `Int.max` where that is too small to tell; nil where they differ.
    var width: Int? {
        switch self {
        case .set: return 1
        case .look, .anchor: return 0
        case .atomic(let node): return node.width
        case .sequence(let nodes):
            var sum = 0
            for node in nodes {
                guard let width = node.width else { return nil }
                let (total, isTooLarge) = sum.addingReportingOverflow(width)
                sum = isTooLarge ? Int.max : total
            }
            return sum
        case .alternation(let nodes):
            guard let first = nodes.first?.width, nodes.allSatisfy({ $0.width == first }) else { return nil }
            return first
        case .repeated(let node, let minimum, let maximum, _):
            guard minimum == maximum, let width = node.width else { return nil }
            let (product, isTooLarge) = width.multipliedReportingOverflow(by: minimum)
            return isTooLarge ? Int.max : product
        }
    }

    var canBeEmpty: Bool {
        switch self {
        case .set: false
        case .look, .anchor: true
        case .atomic(let node): node.canBeEmpty
        case .sequence(let nodes): nodes.allSatisfy(\.canBeEmpty)
        case .alternation(let nodes): nodes.contains(where: \.canBeEmpty)
        case .repeated(let node, let minimum, _, _): minimum == 0 || node.canBeEmpty
        }
    }
}

enum RegexAnchor: Sendable {
    case textStart, textEnd, textEndOrLastLine, lineStart, lineEnd, wordBoundary, notWordBoundary
}
