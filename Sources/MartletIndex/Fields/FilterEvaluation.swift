extension CheckedFilter {
    /// The rows of a segment that satisfy the filter, dead ones among them.
    func rows(of segment: Segment) throws(IndexError) -> RowSet { try rows(root, segment) }

    private func rows(_ node: Node, _ segment: Segment) throws(IndexError) -> RowSet {
        switch node {
        case .and(let nodes):
            var set = RowSet(count: segment.count, all: true)
            for node in nodes { set.formIntersection(try rows(node, segment)) }
            return set
        case .or(let nodes):
            var set = RowSet(count: segment.count)
            for node in nodes { set.formUnion(try rows(node, segment)) }
            return set
        case .not(let a):
            var set = try rows(a, segment)
            set.complement()
            return set
        case .condition(let condition): return try condition.rows(of: segment)
        }
    }

    func matches(_ fields: [String: FieldValue]) -> Bool { matches(root, fields) }

    private func matches(_ node: Node, _ fields: [String: FieldValue]) -> Bool {
        switch node {
        case .and(let nodes): nodes.allSatisfy { matches($0, fields) }
        case .or(let nodes): nodes.contains { matches($0, fields) }
        case .not(let a): !matches(a, fields)
        case .condition(let condition): condition.matches(fields[condition.field])
        }
    }
}

extension CheckedFilter.Condition {
    /// Every comparison is about the numbers of the column's sorted values: a range of them, or some of them.
    func rows(of segment: Segment) throws(IndexError) -> RowSet {
        guard let column = segment.columns[field] else { return RowSet(count: segment.count) }
        let all = column.valueCount + 1
        switch operation {
        case .exists: return try column.rows(codes: 1..<all)
        case .equal:
            var set = RowSet(count: segment.count)
            for key in keys { set.formUnion(try column.rows(codes: column.codes(equalTo: key))) }
            return set
        case .in:
            var codes: [Int] = []
            for key in keys { codes += try column.codes(equalTo: key) }
            return try column.rows(codes: codes)
        case .less: return try column.rows(codes: 1..<column.lowerBound(keys[0]))
        case .lessOrEqual: return try column.rows(codes: 1..<column.upperBound(keys[0]))
        case .greater: return try column.rows(codes: column.upperBound(keys[0])..<all)
        case .greaterOrEqual: return try column.rows(codes: column.lowerBound(keys[0])..<all)
        case .contains:
            guard case .text(let part)? = keys.first else { return RowSet(count: segment.count) }
            if type == .strings { return try column.rows(codes: column.codes(equalTo: keys[0])) }
            var codes: [Int] = []
            for index in 0..<column.valueCount where Self.contains(try column.textBytes(index), part) {
                codes.append(index + 1)
            }
            return try column.rows(codes: codes)
        }
    }

    func matches(_ value: FieldValue?) -> Bool {
        guard let value else { return false }
        let own = ColumnKey.keys(of: value, in: type)
        guard let first = own.first else { return false }
        switch operation {
        case .exists: return true
        case .equal, .in: return own.contains { key in keys.contains { !(key < $0) && !($0 < key) } }
        case .less: return own.contains { $0 < keys[0] }
        case .lessOrEqual: return own.contains { !(keys[0] < $0) }
        case .greater: return own.contains { keys[0] < $0 }
        case .greaterOrEqual: return own.contains { !($0 < keys[0]) }
        case .contains:
            guard case .text(let part)? = keys.first, case .text(let text) = first else { return false }
            if type == .strings { return own.contains(keys[0]) }
            return text.withUnsafeBytes { Self.contains($0, part) }
        }
    }

    static func contains(_ text: UnsafeRawBufferPointer, _ part: [UInt8]) -> Bool {
        if part.isEmpty { return true }
        guard text.count >= part.count else { return false }
        for start in 0...(text.count - part.count) where text[start] == part[0] {
            if text[start..<start + part.count].elementsEqual(part) { return true }
        }
        return false
    }
}
