/// Segments that are to become one. Writing it needs no lock: segments never change.
struct MergePlan: Sendable {
    let parts: [Snapshot.Part]
    /// Of the new segment.
    let name: String
    let settings: CollectionSettings
    let rotation: Rotation
    let schema: FieldSchema
    let folder: CollectionFolder
    let limits: WriterLimits

    var names: Set<String> { Set(parts.map(\.segment.name)) }

    private var sources: [LiveRows] {
        var number = 0
        return parts.map { part in
            let source = LiveRows(part.segment, dead: part.dead, firstNumber: number)
            number += source.live.count
            return source
        }
    }

    /// Writes the new segment's file; nil if no row is alive.
    func write() throws(IndexError) -> Manifest.SegmentEntry? {
        let writer = SegmentWriter(
            sources: sources, settings: settings, rotation: rotation, schema: schema,
            mostNameBytes: limits.nameBytes)
        guard writer.count > 0 else { return nil }
        for part in parts { part.segment.readsAllRows() }
        let table = try writer.write(to: folder.files.create(folder.file(name)))
        return Manifest.SegmentEntry(
            name: name, rows: writer.count, length: table.fileLength, checksum: table.checksum, dead: nil)
    }

    /// Rows of the new segment that have died since the plan was made.
    func died(_ now: [Snapshot.Part], of rows: Int) -> RowSet {
        var died = RowSet(count: rows)
        for (source, part) in zip(sources, now) {
            part.dead?.forEach { row in
                if let number = source.live.number(of: row) { died.insert(Int(number)) }
            }
        }
        return died
    }
}
