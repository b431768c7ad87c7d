extension CollectionWriter {
    /// Merges all segments into one whose rows are ordered by lists of near vectors, so that a search can scan
    /// some of the lists (``SearchRequest/probes``).
    ///
    /// It is an option for some five million rows and more, and never needed: a full scan finds more. Rows that
    /// come later are in no list and are always scanned. Readers do not wait; other calls of the writer do.
    /// Cost: about ten microseconds a row. Memory: a sample of the vectors, which is 300 MB or a vector for each
    /// list at most, three more vectors for each list, and eight bytes a row.
    /// - Parameter lists: nil: twice the square root of the number of rows.
    /// - Throws: ``IndexError``; nothing has changed then but for merged segments.
    public func optimize(lists: Int? = nil) throws(IndexError) {
        if let lists, !(1...65536).contains(lists) {
            throw IndexError(.invalidOption, "a collection has 1 to 65536 lists, not \(lists)")
        }
        try withState { (state) throws(IndexError) in try state.optimize(lists) }
    }
}

extension CollectionWriter.State {
    mutating func optimize(_ wanted: Int?) throws(IndexError) {
        try compact()
        guard let segment = snapshot.parts.first?.segment else { return }
        let count = min(segment.count, wanted ?? VectorLists.usualCount(segment.count))
        let rotation = snapshot.rotation
        let samples = ListTraining.sampleCount(
            lists: count, rows: segment.count, dimensions: segment.dimensions)
        let training = ListTraining(
            (0..<samples).map { segment.floats($0 * segment.count / samples) }, lists: count,
            rotation: rotation)
        segment.readsAllRows()
        let listOfRow = (0..<segment.count).map { UInt32(training.nearest(segment.floats($0))) }
        let (order, ends) = Self.order(listOfRow, lists: count)
        let lists = VectorLists(
            dimensions: segment.dimensions, centroids: Array(training.centroids.joined()), ends: ends)

        let other = merging
        defer { merging = other }
        let plan = plan([0])
        let entry: Manifest.SegmentEntry
        do throws(IndexError) {
            segment.readsSomeRows(of: segment.count)
            let rows = LiveRows(try OrderedRows(segment, order: order), dead: nil, firstNumber: 0)
            let writer = SegmentWriter(
                sources: [rows], settings: snapshot.settings, rotation: rotation, schema: snapshot.fields,
                lists: lists, mostNameBytes: limits.nameBytes)
            let table = try writer.write(to: folder.files.create(folder.file(plan.name)))
            entry = Manifest.SegmentEntry(
                name: plan.name, rows: writer.count, length: table.fileLength, checksum: table.checksum,
                dead: nil)
        } catch {
            endMerge(plan)
            throw error
        }
        try finishMerge(plan, entry)
    }

    /// The rows of each list after those of the list before, and 0 and the end of each list.
    private static func order(_ listOfRow: [UInt32], lists: Int) -> (order: [UInt32], ends: [UInt32]) {
        var ends = [UInt32](repeating: 0, count: lists + 1)
        for list in listOfRow { ends[Int(list) + 1] += 1 }
        for list in 0..<lists { ends[list + 1] += ends[list] }
        var next = ends
        var order = [UInt32](repeating: 0, count: listOfRow.count)
        for (row, list) in listOfRow.enumerated() {
            order[Int(next[Int(list)])] = UInt32(row)
            next[Int(list)] += 1
        }
        return (order, ends)
    }
}
