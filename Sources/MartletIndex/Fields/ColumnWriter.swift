/// Writes the column of a field from the columns of several sources, without the values that no row has any
/// more.
struct ColumnWriter {
    let name: String
    let type: FieldType
    let sources: [LiveRows]

    /// A source's values in their order, and the code that each gets in the new column.
    private struct Input {
        let column: any ColumnSource
        var used: RowSet
        var codes: [UInt32]
        var next = 0
    }

    func write(to out: SectionWriter) throws(IndexError) {
        var inputs: [Input?] = []
        var codeCount = 0
        for source in sources {
            guard let column = source.rows.column(name) else {
                inputs.append(nil)
                continue
            }
            var used = RowSet(count: column.valueCount + 1)
            for row in source.live {
                for code in try column.codes(ofRow: row) {
                    used.insert(code)
                    codeCount += 1
                }
            }
            inputs.append(
                Input(column: column, used: used, codes: [UInt32](repeating: 0, count: column.valueCount + 1))
            )
        }
        let values = try merge(&inputs)
        let rows = sources.reduce(0) { $0 + $1.live.count }
        let width = values.count < 1 << 8 ? 1 : values.count < 1 << 16 ? 2 : 4
        var bytes: [UInt8] = [type.code, UInt8(width), 0, 0]
        bytes.append(little: UInt32(values.count))
        bytes.append(little: UInt64(type == .strings ? codeCount : rows))
        bytes.append(sized: name.utf8)
        try out.write(bytes)
        try align(out)
        try write(values, to: out)
        if type == .strings { try writeLists(inputs, to: out) }
        for (source, input) in zip(sources, inputs) {
            for row in source.live {
                let codes =
                    try input.map { (input) throws(IndexError) in
                        try input.column.codes(ofRow: row).map { input.codes[$0] }
                    } ?? []
                if type == .strings {
                    for code in codes { try write(code, width, to: out) }
                } else {
                    try write(codes.first ?? 0, width, to: out)
                }
            }
        }
    }

    /// The values that rows have, sorted, each once; the inputs get their new codes.
    private func merge(_ inputs: inout [Input?]) throws(IndexError) -> [ColumnKey] {
        var heads: [(key: ColumnKey, input: Int)] = []
        func advance(_ index: Int, _ inputs: inout [Input?]) throws(IndexError) {
            guard var input = inputs[index] else { return }
            while input.next < input.column.valueCount, !input.used.contains(input.next + 1) {
                input.next += 1
            }
            if input.next < input.column.valueCount {
                var key = try input.column.key(input.next)
                if type == .float, case .integer(let number) = key { key = .number(Double(number)) }
                heads.append((key, index))
            }
            inputs[index] = input
        }
        for index in inputs.indices { try advance(index, &inputs) }
        var values: [ColumnKey] = []
        while let least = heads.map(\.key).min() {
            values.append(least)
            let same = heads.filter { !(least < $0.key) }
            heads.removeAll { !(least < $0.key) }
            for head in same {
                guard let next = inputs[head.input]?.next else { continue }
                inputs[head.input]?.codes[next + 1] = UInt32(values.count)
                inputs[head.input]?.next = next + 1
                try advance(head.input, &inputs)
            }
        }
        return values
    }

    private func write(_ values: [ColumnKey], to out: SectionWriter) throws(IndexError) {
        var end: UInt64 = 0
        for value in values {
            switch value {
            case .number(let number): try out.write(little: number.bitPattern)
            case .integer(let number): try out.write(little: Int64(number))
            case .text(let text):
                end += UInt64(text.count)
                try out.write(little: end)
            }
        }
        for case .text(let text) in values { try out.write(text) }
        try align(out)
    }

    private func writeLists(_ inputs: [Input?], to out: SectionWriter) throws(IndexError) {
        var end = 0
        try out.write(little: UInt32(end))
        for (source, input) in zip(sources, inputs) {
            for row in source.live {
                end += try input?.column.codes(ofRow: row).count ?? 0
                guard let stored = UInt32(exactly: end) else {
                    throw .tooLarge("strings in the lists of the field \"\(name)\"", Int(UInt32.max))
                }
                try out.write(little: stored)
            }
        }
        try align(out)
    }

    private func write(_ code: UInt32, _ width: Int, to out: SectionWriter) throws(IndexError) {
        switch width {
        case 1: try out.write(little: UInt8(truncatingIfNeeded: code))
        case 2: try out.write(little: UInt16(truncatingIfNeeded: code))
        default: try out.write(little: code)
        }
    }

    private func align(_ out: SectionWriter) throws(IndexError) {
        let rest = out.count % 8
        if rest > 0 { try out.write([UInt8](repeating: 0, count: 8 - rest)) }
    }
}
