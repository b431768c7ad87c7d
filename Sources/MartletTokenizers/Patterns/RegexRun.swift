/// One search: the stack holds where to go on after a failure.
struct RegexRun {
    let text: UnsafeBufferPointer<UInt8>
    let range: Range<Int>
    let program: UnsafeBufferPointer<Regex.Instruction>
    let sets: UnsafeBufferPointer<CharacterSet>
    /// `lowest < position`: a span that may still give characters back.
    private var stack: [(instruction: Int, position: Int, lowest: Int)] = []
    /// Failures of one match before it is remembered what was tried.
    private static let patience = 1000

    init(
        text: UnsafeBufferPointer<UInt8>, range: Range<Int>, program: UnsafeBufferPointer<Regex.Instruction>,
        sets: UnsafeBufferPointer<CharacterSet>
    ) {
        self.text = text
        self.range = range
        self.program = program
        self.sets = sets
    }

    /// The end of the match of the program from `start` on. What follows an instruction at a place is the
    /// same each time, so what was tried there once fails again: remembering it keeps `(?:a+)+$` and its kin
    /// from trying every way to part a text.
    mutating func match(_ start: Int, at first: Int) -> Int? {
        let base = stack.count
        var instruction = start
        var position = first
        var failures = 0
        var tried: Set<Int> = []
        while true {
            var holds = true
            switch program[instruction] {
            case _
            where failures > Self.patience
                && !tried.insert(instruction * (range.count + 1) + position - range.lowerBound).inserted:
                holds = false
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
                if let end = match(instruction + 1, at: position) {
                    (position, instruction) = (end, next)
                } else {
                    holds = false
                }
            case .look(let next, let width, let isNegative):
                let found =
                    stepBack(width, from: position).map { match(instruction + 1, at: $0) != nil } ?? false
                if found != isNegative { instruction = next } else { holds = false }
            case .anchor(let anchor):
                holds = self.holds(anchor, position)
                instruction += 1
            }
            if holds { continue }
            failures &+= 1
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
        _ set: Int, _ minimum: Int, _ maximum: Int, _ isPossessive: Bool, _ instruction: inout Int,
        _ position: inout Int
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
