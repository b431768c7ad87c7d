#if Command

import MartletJSON

extension Rows {
    /// The tokens of texts that are not pooled, and where their vectors stand.
    struct Tokens: Sendable, Equatable {
        /// Of each row.
        let names: [[String]]
        /// The first vector of each row, and the end of the last.
        let starts: [Int]

        init(_ names: [[String]]) {
            self.names = names
            starts = names.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        }
    }

    /// Rows of one text each: the vectors of its tokens, end to end.
    init(tokens: [[String]], dimensions: Int, vectors: [Float]) {
        self.init(count: tokens.count, width: dimensions, elements: .float32(vectors), tokens: Tokens(tokens))
    }

    /// The elements of each vector of a row.
    func ranges(of row: Int) -> [Range<Int>] {
        guard let tokens else { return [range(of: row)] }
        return (tokens.starts[row]..<tokens.starts[row + 1]).map { $0 * width..<($0 + 1) * width }
    }

    /// `,"tokens":["[CLS]",…]` where rows have tokens.
    func appendTokensMember(row: Int, to output: inout [UInt8]) {
        guard let tokens else { return }
        output.append(contentsOf: ",\"tokens\":[".utf8)
        for (index, token) in tokens.names[row].enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(token, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}

#endif
