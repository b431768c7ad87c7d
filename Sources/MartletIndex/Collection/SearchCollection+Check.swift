extension SearchCollection {
    /// Reads every byte of the collection and compares it with its checksums and with the format.
    /// - Returns: What is wrong, a sentence for each; empty for a whole collection.
    /// - Throws: ``IndexError`` if the collection cannot even be opened.
    public func check() throws(IndexError) -> [String] {
        let (manifest, snapshot, _) = try folder.open()
        var faults: [String] = []
        for part in snapshot.parts {
            part.segment.readsAllRows()
            faults += part.segment.file.faults()
            do throws(IndexError) { try part.segment.check(settings: manifest.settings, &faults) } catch {
                faults.append(error.message)
            }
        }
        do throws(IndexError) { faults += try snapshot.repeatedIDs() } catch { faults.append(error.message) }
        return faults
    }
}

extension Segment {
    /// Decodes everything that is not plain numbers.
    func check(settings: CollectionSettings, _ faults: inout [String]) throws(IndexError) {
        var previous: UnsafeRawBufferPointer?
        for place in 0..<count {
            let id = try self.id(row(inOrder: place))
            if let previous, ByteOrder.compare(previous, id) >= 0 {
                faults.append("\(file.path): ids are not in order at place \(place)")
            }
            previous = id
        }
        for row in 0..<count { _ = try text(row) }
        for column in columns.values { for row in 0..<count { _ = try column.value(ofRow: row) } }
        if let lists, lists.centroids.contains(where: { !$0.isFinite }) {
            faults.append("\(file.path): a centroid is not finite")
        }
        let terms = try SegmentTermSource(words)
        var (rows, counts): ([UInt32], [UInt32]) = ([], [])
        var lengths = [UInt64](repeating: 0, count: count)
        var last: [UInt8] = []
        while let term = terms.term {
            if !last.isEmpty, ByteOrder.compare(term, last) <= 0 {
                faults.append("\(file.path): terms are not in order")
            }
            last = Array(term)
            try terms.postings(rows: &rows, counts: &counts)
            for (row, count) in zip(rows, counts) { lengths[Int(row)] += UInt64(count) }
            try terms.advance()
        }
        for row in 0..<count
        where min(65535, lengths[row]) != UInt64(words.lengths[row]) && lengths[row] < 65535 {
            faults.append(
                "\(file.path): row \(row) has \(lengths[row]) words in the postings and \(words.lengths[row]) by its length"
            )
            break
        }
    }
}

extension Snapshot {
    /// Live ids that are there twice.
    func repeatedIDs() throws(IndexError) -> [String] {
        var faults: [String] = []
        for (index, part) in parts.enumerated() {
            for row in LiveRows(part.segment, dead: part.dead, firstNumber: 0).live {
                let id = try part.segment.id(row)
                for other in parts[(index + 1)...] {
                    guard let found = try other.segment.find(id), other.dead?.contains(found) != true else {
                        continue
                    }
                    faults.append(
                        "\(String(decoding: id, as: UTF8.self).debugDescription) is in \(part.segment.name) and in \(other.segment.name)"
                    )
                }
            }
        }
        for row in recent {
            for part in parts {
                let found = try row.row.id.withUnsafeBytesThrowing { (bytes) throws(IndexError) in
                    try part.segment.find(bytes)
                }
                guard let found, part.dead?.contains(found) != true else { continue }
                faults.append(
                    "\(String(decoding: row.row.id, as: UTF8.self).debugDescription) is in \(part.segment.name) and in the log"
                )
            }
        }
        return faults
    }
}
