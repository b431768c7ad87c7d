/// Rewriting: rows of the log and of large commits become segments.
extension CollectionWriter.State {
    /// Moves the log and new rows into segments, marks what they replace as dead, and commits all of it.
    /// - Parameter squares: What the check of each record gave.
    mutating func rewrite(
        _ records: [Record], squares: [Double] = [], _ removed: [[UInt8]], _ notes: [String: String]?,
        _ schema: FieldSchema? = nil
    ) throws(IndexError) {
        if let failure { throw failure }
        var parts = snapshot.parts
        // The ids whose earlier records go, each with the last new row of that id.
        var ids = ByteTable()
        var last: [Int?] = []
        func note(_ id: UnsafeBufferPointer<UInt8>, _ row: Int?) {
            let (number, isNew) = ids.insert(id)
            if isNew { last.append(row) } else { last[number] = row }
        }
        for id in removed { id.withUnsafeBufferPointer { note($0, nil) } }
        for index in records.indices {
            var id = records[index].id
            id.withUTF8 { note($0, index) }
        }
        if !parts.isEmpty {
            for number in last.indices { try Snapshot.kill(ids.bytes(of: number), in: &parts) }
        }
        let kept = snapshot.recent.map(\.row).filter { row in
            row.id.withUnsafeBufferPointer { ids.index(of: $0) } == nil
        }
        let fresh =
            removed.isEmpty && ids.count == records.count
            ? Array(records.indices) : last.compactMap { $0 }.sorted()
        let schema = schema ?? snapshot.fields
        if kept.isEmpty, fresh.isEmpty, removed.isEmpty, snapshot.recent.isEmpty, logEnd == Log.magic.count,
            notes == nil
        {
            return
        }

        var next = manifest
        next.settings.fields = schema
        if let notes { next.notes = notes }
        let count = kept.count + fresh.count
        var place = 0
        while place < count {
            let piece = MemoryRows(
                snapshot.settings, count: min(count - place, limits.segmentRows), bytes: limits.segmentBytes)
            while place < count, piece.count < limits.segmentRows, piece.bytes < limits.segmentBytes {
                if place < kept.count {
                    piece.append(kept[place])
                } else {
                    let index = fresh[place - kept.count]
                    piece.append(
                        try StoredRow(
                            records[index], squares: squares[index], index: index, settings: snapshot.settings
                        ))
                }
                place += 1
            }
            piece.freeze(schema, &analyzer)
            let entry = try write([LiveRows(piece, dead: nil, firstNumber: 0)], schema, &next)
            next.segments.append(entry)
        }
        try writeDead(parts, &next)
        try install(&next)
    }

    /// Writes a segment; it becomes part of the collection when the manifest is committed.
    private func write(
        _ sources: [LiveRows], _ schema: FieldSchema, _ next: inout Manifest
    ) throws(IndexError) -> Manifest.SegmentEntry {
        let writer = SegmentWriter(
            sources: sources, settings: snapshot.settings, rotation: snapshot.rotation, schema: schema)
        let name = next.newFile("segment")
        let table = try writer.write(to: folder.files.create(folder.file(name)))
        return Manifest.SegmentEntry(
            name: name, rows: writer.count, length: table.fileLength, checksum: table.checksum, dead: nil)
    }

    /// Writes the dead rows of segments where they are others than the manifest's; segments without live rows
    /// leave.
    func writeDead(_ parts: [Snapshot.Part], _ next: inout Manifest) throws(IndexError) {
        for part in parts {
            guard let dead = part.dead,
                let index = next.segments.firstIndex(where: { $0.name == part.segment.name })
            else { continue }
            let count = dead.size
            if count == part.segment.count {
                next.segments.remove(at: index)
            } else if count != next.segments[index].dead?.count ?? 0 {
                let bytes = DeadRows.bytes(dead)
                let name = next.newFile("dead")
                try folder.writeFile(name, bytes)
                next.segments[index].dead = Manifest.DeadEntry(
                    name: name, count: count, checksum: Checksum.of(bytes))
            }
        }
    }

    /// Commits a manifest with an empty log.
    mutating func install(_ next: inout Manifest) throws(IndexError) {
        next.generation += 1
        next.log = next.newFile("log")
        try folder.writeFile(next.log, Log.magic)
        try folder.prepare(next)
        do throws(IndexError) { try folder.publish() } catch {
            failure = IndexError(
                .io, "\(error.message); whether the commit counts is not known: open a new writer",
                path: error.path)
            throw error
        }
        // From here on the new manifest counts, whatever fails.
        manifest = next
        do throws(IndexError) {
            log = try folder.files.append(folder.file(next.log))
            var open: [String: Segment] = [:]
            for part in snapshot.parts { open[part.segment.name] = part.segment }
            (snapshot, logEnd) = try folder.snapshot(next, sharing: open)
        } catch {
            failure = error
            throw error
        }
        collection.publish(snapshot, log: next.log, logEnd: logEnd)
        // Files that could not be removed are removed by the next writer.
        try? folder.removeOthers(than: next, keeping: merging)
    }
}
