internal import MartletSystem

/// The files of a collection: reading them as one consistent snapshot.
struct CollectionFolder: Sendable {
    let path: String
    let files: any IndexFileSystem

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func manifest() throws(IndexError) -> Manifest {
        let path = file(Manifest.fileName)
        let region: MemoryRegion
        do throws(IndexError) {
            region = try files.contents(path)
        } catch {
            guard error.code == .notFound else { throw error }
            throw IndexError(
                .notFound, "\(self.path) holds no collection: it has no file \"manifest\"", path: self.path)
        }
        return try Manifest(region.withUnsafeBytes { Array($0) }, path: path)
    }

    /// The snapshot of a manifest, and the length of the valid part of the log. Segments that are open
    /// already are shared.
    /// - Throws: ``IndexError`` with ``IndexError/Code/notFound`` if a file was removed meanwhile: a newer
    ///   manifest exists then.
    func snapshot(_ manifest: Manifest, sharing open: [String: Segment] = [:]) throws(IndexError) -> (
        snapshot: Snapshot, logEnd: Int
    ) {
        let settings = manifest.settings
        let rotation = Rotation(dimensions: settings.dimensions, seed: manifest.seed)
        var parts: [Snapshot.Part] = []
        var firstRow = 0
        for entry in manifest.segments {
            let segment: Segment
            if let known = open[entry.name] {
                segment = known
            } else {
                segment = try self.segment(entry, rotation, settings)
            }
            parts.append(Snapshot.Part(segment: segment, firstRow: firstRow, dead: try deadRows(of: entry)))
            firstRow += segment.count
        }
        guard firstRow < Int(UInt32.max) else {
            throw .damaged(file(Manifest.fileName), "it has \(firstRow) rows")
        }
        let path = file(manifest.log)
        let region = try files.contents(path)
        let log = try region.withUnsafeBytes { (bytes) throws(IndexError) in
            try Log.commits(bytes, from: 0, path: path, settings: settings)
        }
        let base = Snapshot(
            generation: manifest.generation, settings: settings, fields: settings.fields,
            notes: manifest.notes, rotation: rotation,
            parts: parts, recent: [])
        return (try base.applying(log.commits), log.end)
    }

    private func deadRows(of segment: Manifest.SegmentEntry) throws(IndexError) -> RowSet? {
        guard let entry = segment.dead else { return nil }
        let path = file(entry.name)
        return try files.contents(path).withUnsafeBytes { (bytes) throws(IndexError) in
            try DeadRows.read(bytes, entry: entry, rows: segment.rows, path: path)
        }
    }

    private func segment(_ entry: Manifest.SegmentEntry, _ rotation: Rotation, _ settings: CollectionSettings)
        throws(IndexError) -> Segment
    {
        let path = file(entry.name)
        let segment = try Segment(
            files.contents(path), name: entry.name, path: path, rotation: rotation,
            dimensions: settings.dimensions)
        guard segment.count == entry.rows, segment.file.count == entry.length,
            [segment.file.table.checksum, SectionTable.checksumOfAny].contains(entry.checksum),
            segment.store == settings.store
        else { throw .damaged(path, "it is another file than the one that the manifest names") }
        return segment
    }

    /// The newest snapshot: a writer may replace the manifest, and remove files, while they are opened.
    func open(sharing open: [String: Segment] = [:]) throws(IndexError) -> (
        manifest: Manifest, snapshot: Snapshot, logEnd: Int
    ) {
        var manifest = try manifest()
        while true {
            do throws(IndexError) {
                let (snapshot, end) = try snapshot(manifest, sharing: open)
                return (manifest, snapshot, end)
            } catch {
                let newer = try self.manifest()
                guard newer.generation != manifest.generation else {
                    guard error.code == .notFound else { throw error }
                    throw .damaged(error.path ?? path, "a file that the manifest names is not there")
                }
                manifest = newer
            }
        }
    }

    /// Replaces the manifest: the commit of all files that it names, which are durable already.
    func commit(_ manifest: Manifest) throws(IndexError) {
        try prepare(manifest)
        try publish()
    }

    /// Writes a manifest that ``publish()`` puts in the place of the old one.
    func prepare(_ manifest: Manifest) throws(IndexError) {
        let temporary = file("manifest.new")
        let out = try files.create(temporary)
        try manifest.bytes.withUnsafeBytesThrowing { (bytes) throws(IndexError) in try out.writeAll(bytes) }
        try out.sync()
        // Names of the files that the manifest names must last at least as long as its own.
        try files.syncFolder(path)
    }

    /// The commit of the manifest that was prepared. After an error either manifest may count.
    func publish() throws(IndexError) {
        try files.rename(file("manifest.new"), to: file(Manifest.fileName))
        try files.syncFolder(path)
    }

    func writeFile(_ name: String, _ bytes: [UInt8]) throws(IndexError) {
        let out = try files.create(file(name))
        try bytes.withUnsafeBytesThrowing { (bytes) throws(IndexError) in try out.writeAll(bytes) }
        try out.sync()
    }

    /// Removes files of earlier commits, and of writers that ended early.
    /// - Parameter unfinished: A file that is being written.
    func removeOthers(than manifest: Manifest, keeping unfinished: String? = nil) throws(IndexError) {
        let kept = manifest.files
        for name in try files.names(in: path) where !kept.contains(name) && name != unfinished {
            let isOurs =
                name == "manifest.new" || ["segment-", "dead-", "log-"].contains { name.hasPrefix($0) }
            if isOurs { try files.remove(file(name)) }
        }
    }
}
