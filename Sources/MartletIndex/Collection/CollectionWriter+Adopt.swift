/// Taking over another collection's records: the last step of indexing texts again with another model.
extension CollectionWriter {
    /// Replaces everything in this collection by what another one holds, with its model and its settings, in
    /// one commit. Readers see the old records until then, and the new ones from then on.
    ///
    /// The other collection must be in a folder of the same file system. Its files are moved: it is no
    /// collection afterwards, and where this call ends early it may be damaged, while this one is whole.
    /// - Parameter writer: The other collection's.
    /// - Throws: ``IndexError``; nothing has changed here then.
    func adopt(_ other: SearchCollection, of writer: CollectionWriter) throws(IndexError) {
        try writer.flush()
        let manifest = try other.folder.manifest()
        try withState { (state) throws(IndexError) in try state.adopt(manifest, from: other.folder) }
    }
}

extension CollectionWriter.State {
    mutating func adopt(_ other: Manifest, from source: CollectionFolder) throws(IndexError) {
        if let failure { throw failure }
        var next = Manifest(
            generation: manifest.generation, nextFile: manifest.nextFile, log: "", segments: [],
            seed: other.seed, settings: other.settings, notes: manifest.notes)
        next.settings.chunker = manifest.settings.chunker
        for entry in other.segments {
            let name = next.newFile("segment")
            try folder.files.rename(source.file(entry.name), to: folder.file(name))
            var moved = Manifest.SegmentEntry(
                name: name, rows: entry.rows, length: entry.length, checksum: entry.checksum, dead: nil)
            if let dead = entry.dead {
                let name = next.newFile("dead")
                try folder.files.rename(source.file(dead.name), to: folder.file(name))
                moved.dead = Manifest.DeadEntry(name: name, count: dead.count, checksum: dead.checksum)
            }
            next.segments.append(moved)
        }
        try install(&next)
    }
}
