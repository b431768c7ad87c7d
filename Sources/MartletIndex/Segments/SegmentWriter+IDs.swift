/// The ids of a segment, in the order of its rows and in that of their bytes.
extension SegmentWriter {
    func writeIDs(_ out: SectionWriter) throws(IndexError) {
        var ends: [UInt32] = [0]
        ends.reserveCapacity(count + 1)
        var end = 0
        try section(.ids, to: out) { () throws(IndexError) in
            for source in sources {
                for row in source.live {
                    let id = try source.rows.id(row)
                    try out.write(id)
                    end += id.count
                    guard end <= mostNameBytes else { throw .tooLarge("bytes of ids", mostNameBytes) }
                    ends.append(UInt32(end))
                }
            }
        }
        try section(.idEnds, to: out) { () throws(IndexError) in
            for end in ends { try out.write(little: end) }
        }
        try section(.idOrder, to: out) { () throws(IndexError) in
            var places = [Int](repeating: 0, count: sources.count)
            func head(_ index: Int) throws(IndexError) -> (row: Int, id: UnsafeRawBufferPointer)? {
                let source = sources[index]
                while places[index] < source.rows.count {
                    let row = try source.rows.row(inOrder: places[index])
                    if source.live.set.contains(row) { return (row, try source.rows.id(row)) }
                    places[index] += 1
                }
                return nil
            }
            var heads: [(row: Int, id: UnsafeRawBufferPointer)?] = []
            for index in sources.indices { heads.append(try head(index)) }
            var seen = sources.map { RowSet(count: $0.rows.count) }
            while true {
                var least: Int?
                for index in heads.indices {
                    guard let candidate = heads[index] else { continue }
                    guard let known = least, let other = heads[known] else {
                        least = index
                        continue
                    }
                    if ByteOrder.compare(candidate.id, other.id) < 0 { least = index }
                }
                guard let least, let found = heads[least],
                    let number = sources[least].live.number(of: found.row)
                else { break }
                guard !seen[least].contains(found.row) else { throw repeats(least) }
                seen[least].insert(found.row)
                try out.write(little: number)
                places[least] += 1
                heads[least] = try head(least)
            }
            for index in sources.indices where seen[index] != sources[index].live.set {
                throw repeats(index)
            }
        }
    }

    /// A source's order of ids, which names as many rows as there are, names one of them twice.
    private func repeats(_ source: Int) -> IndexError {
        .damaged(
            (sources[source].rows as? Segment)?.file.path ?? "a segment",
            "the order of its ids names a row twice")
    }
}
