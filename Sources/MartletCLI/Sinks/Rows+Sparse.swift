#if Command

import MartletJSON

extension Rows {
    /// A sparse vector: the dimensions that are not 0, ascending.
    struct Sparse: Sendable, Equatable {
        let indices: [Int]
        let values: [Float]
        /// All that there are, most of them 0; 0: no such number is known.
        let dimensions: Int
        /// What each dimension stands for, where that is asked for.
        var tokens: [String]?
    }

    /// Rows of one text each.
    init(sparse: [Sparse]) {
        self.init(count: sparse.count, width: 0, elements: .float32([]), sparse: sparse)
    }
}

extension Rows.Sparse {
    /// `,"indices":[…],"values":[…]` and, where there are any, `,"tokens":[…]`.
    func appendMembers(to output: inout [UInt8]) {
        output.append(contentsOf: ",\"indices\":[".utf8)
        for (place, index) in indices.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(index, to: &output)
        }
        output.append(contentsOf: "],\"values\":".utf8)
        values.withUnsafeBufferPointer { JSONText.append($0, to: &output) }
        guard let tokens else { return }
        output.append(contentsOf: ",\"tokens\":[".utf8)
        for (place, token) in tokens.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(token, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// How many dimensions there are, and the largest with what they stand for.
    func text(shown: Int) -> String {
        var text = Format.grouped(indices.count) + (dimensions > 0 ? " of \(Format.grouped(dimensions)) dimensions\n" : " dimensions\n")
        let order = indices.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }.prefix(shown)
        for place in order {
            let name = tokens.map { $0[place].isEmpty ? "\(indices[place])" : Console.oneLine($0[place]) } ?? "\(indices[place])"
            text += "    " + Format.padded(Format.fixed(Double(values[place]), 4), to: 8, alignRight: true) + "  " + name + "\n"
        }
        return indices.count > shown ? text + "    …\n" : text
    }
}

#endif
