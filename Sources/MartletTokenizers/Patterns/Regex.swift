/// A backtracking matcher for the patterns of split pre-tokenizers that have no scanner of their own.
struct Regex: Sendable {
    enum Instruction: Sendable {
        case set(Int)
        /// A repeated set: greedy unless lazy, given back unless possessive.
        case span(set: Int, minimum: Int, maximum: Int, isPossessive: Bool)
        /// Goes to the first, and on failure to the second.
        case split(first: Int, second: Int)
        case jump(Int)
        /// The body follows and ends with `accept`; then on to `next`. `width`: characters to step back
        /// first.
        case look(next: Int, width: Int, isNegative: Bool)
        case atomic(next: Int)
        case anchor(RegexAnchor)
        case accept
    }

    private let program: [Instruction]
    private let sets: [CharacterSet]

    init(_ pattern: String) throws(RegexError) {
        var parser = RegexParser(pattern)
        var compiler = RegexCompiler()
        compiler.emit(try parser.parse())
        compiler.program.append(.accept)
        guard compiler.program.count <= 20_000 else {
            throw RegexError(message: "the pattern \"\(pattern)\" is too large")
        }
        program = compiler.program
        sets = compiler.sets
    }

    /// Appends the matches in `text[range]`, from left to right; an empty one is not taken right after
    /// another match, nor in an empty range.
    func appendMatches(
        in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to matches: inout [Range<Int>]
    ) {
        guard !range.isEmpty else { return }
        program.withUnsafeBufferPointer { program in
            sets.withUnsafeBufferPointer { sets in
                var run = RegexRun(text: text, range: range, program: program, sets: sets)
                var position = range.lowerBound
                var lastEnd = -1
                while position <= range.upperBound {
                    if let end = run.match(0, at: position), end > position || lastEnd != position {
                        matches.append(position..<end)
                        lastEnd = end
                        if end > position {
                            position = end
                            continue
                        }
                    }
                    guard position < range.upperBound else { break }
                    position += UTF8Scalars.decode(text, at: position).length
                }
            }
        }
    }
}

private struct RegexCompiler {
    var program: [Regex.Instruction] = []
    var sets: [CharacterSet] = []

    private mutating func index(of set: CharacterSet) -> Int {
        sets.append(set)
        return sets.count - 1
    }

    mutating func emit(_ node: RegexNode) {
        guard program.count <= 20_000 else { return }
        switch node {
        case .set(let set): program.append(.set(index(of: set)))
        case .sequence(let nodes): for node in nodes { emit(node) }
        case .anchor(let anchor): program.append(.anchor(anchor))
        case .alternation(let nodes): emitAlternation(nodes)
        case .look(let node, let isAhead, let isNegative):
            emitBody(of: node) {
                .look(next: $0, width: isAhead ? 0 : node.width ?? 0, isNegative: isNegative)
            }
        case .atomic(let node): emitBody(of: node) { .atomic(next: $0) }
        case .repeated(.set(let set), let minimum, let maximum, let mode) where mode != .lazy:
            program.append(
                .span(
                    set: index(of: set), minimum: minimum, maximum: maximum ?? Int.max,
                    isPossessive: mode == .possessive))
        case .repeated(let node, let minimum, let maximum, .possessive):
            emit(.atomic(.repeated(node, minimum: minimum, maximum: maximum, .greedy)))
        case .repeated(let node, let minimum, let maximum, let mode):
            for _ in 0..<minimum { emit(node) }
            if let maximum {
                emitOptional(node, maximum - minimum, mode)
            } else {
                let start = program.count
                program.append(.accept)
                emit(node)
                program.append(.jump(start))
                program[start] = choice(start + 1, program.count, mode)
            }
        }
    }

    private func choice(_ body: Int, _ next: Int, _ mode: RegexNode.RepeatMode) -> Regex.Instruction {
        mode == .lazy ? .split(first: next, second: body) : .split(first: body, second: next)
    }

    private mutating func emitOptional(_ node: RegexNode, _ count: Int, _ mode: RegexNode.RepeatMode) {
        var starts: [Int] = []
        for _ in 0..<count {
            starts.append(program.count)
            program.append(.accept)
            emit(node)
        }
        for start in starts where start < program.count {
            program[start] = choice(start + 1, program.count, mode)
        }
    }

    private mutating func emitAlternation(_ nodes: [RegexNode]) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let start = program.count
            program.append(.accept)
            emit(node)
            jumps.append(program.count)
            program.append(.accept)
            program[start] = .split(first: start + 1, second: program.count)
        }
        if let last = nodes.last { emit(last) }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func emitBody(of node: RegexNode, _ make: (Int) -> Regex.Instruction) {
        let start = program.count
        program.append(.accept)
        emit(node)
        program.append(.accept)
        program[start] = make(program.count)
    }
}
