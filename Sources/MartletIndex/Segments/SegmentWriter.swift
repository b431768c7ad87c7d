internal import CMartletKernels

/// Writes one segment from the live rows of several sources: a flush of rows in memory is a merge of one.
///
/// Rows, codes, ids and texts are copied as they come: memory does not grow with the vectors. What grows is
/// two bytes a row for lengths, the terms' table, and the values of columns.
struct SegmentWriter {
    let sources: [LiveRows]
    let settings: CollectionSettings
    let rotation: Rotation
    let schema: FieldSchema
    /// What the rows are ordered by, if they are.
    var lists: VectorLists?
    /// Bytes of all ids and of all terms; their ends are stored in 32 bits.
    var mostNameBytes = WriterLimits().nameBytes

    /// Rows of the new segment.
    var count: Int { sources.reduce(0) { $0 + $1.live.count } }
    private var dimensions: Int { settings.dimensions }
    private var rowBytes: Int { settings.store.bytes(dimensions: dimensions) }

    func write(to file: any IndexFile) throws(IndexError) -> SectionTable {
        let out = SectionWriter(file)
        let mean = meanVector()
        var lengths: [UInt16] = []
        lengths.reserveCapacity(count)
        for source in sources { for row in source.live { lengths.append(source.rows.length(row)) } }
        let words = lengths.reduce(0) { $0 + Int($1) }
        try section(.header, to: out) { () throws(IndexError) in
            try out.write(little: UInt64(count))
            try out.write(little: UInt32(dimensions))
            try out.write(little: UInt32(rotation.padded))
            try out.write(little: settings.store.code)
            try out.write(little: UInt64(words))
            for value in mean { try out.write(little: value.bitPattern) }
        }
        try section(.codes, to: out) { () throws(IndexError) in try writeCodes(mean, out) }
        try section(.rows, to: out) { () throws(IndexError) in
            for source in sources {
                for row in source.live {
                    try out.write(UnsafeRawBufferPointer(start: source.rows.vector(row), count: rowBytes))
                }
            }
        }
        if settings.store == .int8 {
            try section(.scales, to: out) { () throws(IndexError) in
                for source in sources {
                    for row in source.live { try out.write(little: source.rows.scale(row).bitPattern) }
                }
            }
        }
        try writeIDs(out)
        try writeTexts(out)
        try writeWords(out, lengths, average: max(1, Float(words) / Float(max(1, count))))
        if let lists {
            try section(.listEnds, to: out) { () throws(IndexError) in
                for end in lists.ends { try out.write(little: end) }
            }
            try section(.centroids, to: out) { () throws(IndexError) in
                for value in lists.centroids { try out.write(little: value.bitPattern) }
            }
        }
        try writeColumns(out)
        return try out.finish()
    }

    func section(_ kind: SegmentSection, to out: SectionWriter, _ body: () throws(IndexError) -> Void)
        throws(IndexError)
    {
        try out.begin(kind.rawValue)
        try body()
        try out.end()
    }

    // MARK: Vectors

    /// Calls `body` with the rows as floats, 64 at a time.
    private func forEachBlock(_ body: (UnsafeMutablePointer<Float>, Int) throws(IndexError) -> Void)
        throws(IndexError)
    {
        let block = UnsafeMutablePointer<Float>.allocate(capacity: 64 * dimensions)
        defer { block.deallocate() }
        var filled = 0
        for source in sources {
            for row in source.live {
                settings.store.decode(
                    source.rows.vector(row), scale: source.rows.scale(row), into: block + filled * dimensions,
                    dimensions: dimensions)
                filled += 1
                if filled == 64 {
                    try body(block, 64)
                    filled = 0
                }
            }
        }
        if filled > 0 { try body(block, filled) }
    }

    private func meanVector() -> [Float] {
        var sums = [Double](repeating: 0, count: dimensions)
        try? forEachBlock { (block, rows) throws(IndexError) in
            for row in 0..<rows {
                sums.withUnsafeMutableBufferPointer {
                    mk_add_to_mean(block + row * dimensions, $0.baseAddress, Int64(dimensions))
                }
            }
        }
        return sums.map { Float($0 / Double(max(1, count))) }
    }

    private func writeCodes(_ mean: [Float], _ out: SectionWriter) throws(IndexError) {
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: 64 * rotation.padded)
        defer { scratch.deallocate() }
        var bytes = [UInt8](repeating: 0, count: rotation.blockBytes)
        try forEachBlock { (block, rows) throws(IndexError) in
            bytes.withUnsafeMutableBufferPointer {
                mk_code_block(
                    block, Int64(rows), Int64(dimensions), Int64(rotation.padded), mean, rotation.signs,
                    $0.baseAddress, scratch)
            }
            try out.write(bytes)
        }
    }

    // MARK: Texts

    private func writeTexts(_ out: SectionWriter) throws(IndexError) {
        try section(.texts, to: out) { () throws(IndexError) in
            for source in sources { for row in source.live { try out.write(try source.rows.text(row)) } }
        }
        try section(.textEnds, to: out) { () throws(IndexError) in
            var end: UInt64 = 0
            try out.write(little: end)
            for source in sources {
                for row in source.live {
                    end += UInt64(try source.rows.text(row).count)
                    try out.write(little: end)
                }
            }
        }
    }

    // MARK: Words and fields

    private func writeWords(_ out: SectionWriter, _ lengths: [UInt16], average: Float) throws(IndexError) {
        var writer = try PostingsWriter(
            out, scoring: TermScoring(settings), lengths: lengths, average: average,
            mostTermBytes: mostNameBytes)
        var cursors: [any TermSource] = []
        for source in sources { cursors.append(try source.rows.terms()) }
        var (rows, counts): ([UInt32], [UInt32]) = ([], [])
        var (partRows, partCounts): ([UInt32], [UInt32]) = ([], [])
        while true {
            var least: UnsafeRawBufferPointer?
            for cursor in cursors {
                guard let term = cursor.term else { continue }
                if let known = least, ByteOrder.compare(term, known) >= 0 { continue }
                least = term
            }
            guard let least else { break }
            rows.removeAll(keepingCapacity: true)
            counts.removeAll(keepingCapacity: true)
            var advanced: [any TermSource] = []
            for (source, cursor) in zip(sources, cursors) {
                guard let term = cursor.term, ByteOrder.compare(term, least) == 0 else { continue }
                try cursor.postings(rows: &partRows, counts: &partCounts)
                if source.live.isWhole {
                    let first = source.live.firstNumber
                    rows.append(contentsOf: partRows.lazy.map { $0 + first })
                    counts += partCounts
                    advanced.append(cursor)
                    continue
                }
                for (row, count) in zip(partRows, partCounts) {
                    guard let number = source.live.number(of: Int(row)) else { continue }
                    rows.append(number)
                    counts.append(count)
                }
                advanced.append(cursor)
            }
            try writer.write(least, rows: rows, counts: counts)
            for cursor in advanced { try cursor.advance() }
        }
        try writer.finish()
    }

    private func writeColumns(_ out: SectionWriter) throws(IndexError) {
        var names: Set<String> = []
        for source in sources { names.formUnion(source.rows.columnNames) }
        var kind = SegmentSection.firstColumn
        for name in names.sorted() {
            guard let type = schema.types[name] else { continue }
            try out.begin(kind)
            try ColumnWriter(name: name, type: type, sources: sources).write(to: out)
            try out.end()
            kind += 1
        }
    }
}
