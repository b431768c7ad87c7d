/// A backtracking matcher for the patterns of split pre-tokenizers that have no scanner of their own.
struct Regex: Sendable {
    enum Instruction: Sendable {
        case set(Int)
        /// A repeated set: greedy unless lazy, given back unless possessive.
        case span(set: Int, minimum: Int, maximum: Int, isPossessive: Bool)
        /// Goes to the first, and on failure to the second.
        case split(first: Int, second: Int)
        case jump(Int)
        /// The body follows and ends with `accept`; then on to `next`. `width`: characters to step back first.
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
        guard compiler.program.count <= 20_000 else { throw RegexError(message: "the pattern \"\(pattern)\" is too large") }
        program = compiler.program
        sets = compiler.sets
    }

    /// Appends the matches in `text[range]`, from left to right; an empty one is not taken right behind another match, nor in an
    /// empty range.
    func appendMatches(in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to matches: inout [Range<Int>]) {
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
            emitBody(of: node) { .look(next: $0, width: isAhead ? 0 : node.width ?? 0, isNegative: isNegative) }
        case .atomic(let node): emitBody(of: node) { .atomic(next: $0) }
        case .repeated(.set(let set), let minimum, let maximum, let mode) where mode != .lazy:
            program.append(
                .span(set: index(of: set), minimum: minimum, maximum: maximum ?? Int.max, isPossessive: mode == .possessive))
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
        for start in starts where start < program.count { program[start] = choice(start + 1, program.count, mode) }
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

/// One search: the stack holds where to go on after a failure.
private struct RegexRun {
    let text: UnsafeBufferPointer<UInt8>
    let range: Range<Int>
    let program: UnsafeBufferPointer<Regex.Instruction>
    let sets: UnsafeBufferPointer<CharacterSet>
    /// `lowest < position`: a span that may still give characters back.
    private var stack: [(instruction: Int, position: Int, lowest: Int)] = []

    init(
        text: UnsafeBufferPointer<UInt8>, range: Range<Int>, program: UnsafeBufferPointer<Regex.Instruction>,
        sets: UnsafeBufferPointer<CharacterSet>
    ) {
        self.text = text
        self.range = range
        self.program = program
        self.sets = sets
    }

    /// The end of the match of the program from `start` on.
    mutating func match(_ start: Int, at first: Int) -> Int? {
        let base = stack.count
        var instruction = start
        var position = first
        while true {
            var holds = true
            switch program[instruction] {
            case .accept:
                stack.removeLast(stack.count - base)
                return position
            case .jump(let target): instruction = target
            case .split(let first, let second):
                stack.append((second, position, position))
                instruction = first
            case .set(let set):
                holds = false
                if position < range.upperBound {
                    let (scalar, length) = UTF8Scalars.decode(text, at: position)
                    if sets[set].contains(scalar) {
                        position &+= length
                        instruction &+= 1
                        holds = true
                    }
                }
            case .span(let set, let minimum, let maximum, let isPossessive):
                holds = span(set, minimum, maximum, isPossessive, &instruction, &position)
            case .atomic(let next):
                if let end = match(instruction + 1, at: position) { (position, instruction) = (end, next) } else { holds = false }
            case .look(let next, let width, let isNegative):
                let found = stepBack(width, from: position).map { match(instruction + 1, at: $0) != nil } ?? false
                if found != isNegative { instruction = next } else { holds = false }
            case .anchor(let anchor):
                holds = self.holds(anchor, position)
                instruction += 1
            }
            if holds { continue }
            guard stack.count > base, let top = stack.last else { return nil }
            (instruction, position) = (top.instruction, top.position)
            if top.lowest < top.position {
                let shorter = top.position - UTF8Scalars.decode(text, before: top.position).length
                stack[stack.count - 1].position = shorter
                if shorter <= top.lowest { stack[stack.count - 1].lowest = shorter }
            } else {
                stack.removeLast()
            }
        }
    }

    /// As many characters of a set as there are.
    private mutating func span(
        _ set: Int, _ minimum: Int, _ maximum: Int, _ isPossessive: Bool, _ instruction: inout Int, _ position: inout Int
    ) -> Bool {
        var count = 0
        var end = position
        var lowest = minimum == 0 ? position : -1
        while count < maximum, end < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: end)
            guard sets[set].contains(scalar) else { break }
            end &+= length
            count &+= 1
            if count == minimum { lowest = end }
        }
        guard count >= minimum else { return false }
        instruction += 1
        if !isPossessive, lowest < end {
            stack.append((instruction, end - UTF8Scalars.decode(text, before: end).length, lowest))
        }
        position = end
        return true
    }

    private func stepBack(_ width: Int, from position: Int) -> Int? {
        var position = position
        for _ in 0..<width {
            guard position > range.lowerBound else { return nil }
            position -= UTF8Scalars.decode(text, before: position).length
        }
        return position
    }

    private func holds(_ anchor: RegexAnchor, _ position: Int) -> Bool {
        let (start, end) = (range.lowerBound, range.upperBound)
        switch anchor {
        case .textStart: return position == start
        case .textEnd: return position == end
        case .textEndOrLastLine: return position == end || position + 1 == end && text[position] == 0x0A
        case .lineStart: return position == start || text[position - 1] == 0x0A && position < end
        case .lineEnd: return position == end || text[position] == 0x0A
        case .wordBoundary, .notWordBoundary:
            let before = position > start && isWord(UTF8Scalars.decode(text, before: position).scalar)
            let after = position < end && isWord(UTF8Scalars.decode(text, at: position).scalar)
            return (before != after) == (anchor == .wordBoundary)
        }
    }

    private func isWord(_ scalar: UInt32) -> Bool { Self.word.contains(scalar) }

    private static let word = {
        var set = CharacterSet.word(isNegated: false)
        set.prepare()
        return set
    }()
}
