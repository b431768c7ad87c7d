extension VectorRows {
    /// Rows of several lists as one list, in the order in which they are named. All lists have one kind,
    /// width and type.
    /// - Returns: nil if they differ in these, or if there is no list.
    package static func gather(_ rows: [(list: VectorRows, position: Int)]) -> VectorRows? {
        switch rows.first?.list {
        case nil: return nil
        case .dense(let first):
            var lists: [(DenseRows, Int)] = []
            for (list, position) in rows {
                guard case .dense(let list) = list, list.width == first.width,
                    list.elements.type == first.elements.type
                else { return nil }
                lists.append((list, position))
            }
            return .dense(
                DenseRows(
                    count: rows.count, width: first.width, elements: elements(lists, like: first.elements)))
        case .sparse:
            var result: [SparseRow] = []
            for (list, position) in rows {
                guard case .sparse(let list) = list else { return nil }
                result.append(list[position])
            }
            return .sparse(result)
        case .multiVector(let first):
            var (tokens, vectors): ([[String]], [Float]) = ([], [])
            for (list, position) in rows {
                guard case .multiVector(let list) = list, list.dimensions == first.dimensions else {
                    return nil
                }
                tokens.append(list.tokens[position])
                vectors +=
                    list.vectors[
                        list.starts[position] * list.dimensions..<list.starts[position + 1] * list.dimensions]
            }
            return .multiVector(
                MultiVectorRows(tokens: tokens, dimensions: first.dimensions, vectors: vectors))
        }
    }

    private static func elements(_ rows: [(DenseRows, Int)], like first: VectorElements) -> VectorElements {
        func joined<T>(_ values: (VectorElements) -> [T]) -> [T] {
            rows.flatMap { values($0.0.elements)[$0.0.range(of: $0.1)] }
        }
        switch first {
        case .float32: return .float32(joined { if case .float32(let values) = $0 { values } else { [] } })
        case .float16: return .float16(joined { if case .float16(let values) = $0 { values } else { [] } })
        case .int8: return .int8(joined { if case .int8(let values) = $0 { values } else { [] } })
        case .uint8: return .uint8(joined { if case .uint8(let values) = $0 { values } else { [] } })
        }
    }
}
