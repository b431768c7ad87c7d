import MartletJSON

extension Rows {
    /// The row of one text that is not pooled. It has at least one token.
    init(tokens: [String], vectors: [Float]) {
        self.init(count: 1, width: vectors.count, elements: .float32(vectors), tokens: tokens)
    }

    func range(ofToken token: Int) -> Range<Int> {
        let dimensions = width / (tokens?.count ?? 1)
        return token * dimensions..<(token + 1) * dimensions
    }

    /// `,"tokens":["[CLS]",…]` where the row has tokens.
    func appendTokensMember(to output: inout [UInt8]) {
        guard let tokens else { return }
        output.append(contentsOf: ",\"tokens\":[".utf8)
        for (index, token) in tokens.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(token, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
