/// The live rows of a snapshot by their texts.
struct StoredTexts {
    private let snapshot: Snapshot
    /// Hashes in ascending order, and for each a row.
    private let entries: [(hash: UInt64, row: UInt32)]

    init(_ snapshot: Snapshot) throws(IndexError) {
        self.snapshot = snapshot
        var entries: [(hash: UInt64, row: UInt32)] = []
        entries.reserveCapacity(snapshot.count)
        for part in snapshot.parts {
            for row in LiveRows(part.segment, dead: part.dead, firstNumber: 0).live {
                let hash = Self.hash(try part.segment.text(row))
                entries.append((hash, UInt32(part.firstRow + row)))
            }
        }
        for (index, recent) in snapshot.recent.enumerated() {
            let hash = recent.row.text.withUnsafeBytes { Self.hash($0) }
            entries.append((hash, UInt32(snapshot.firstRecent + index)))
        }
        entries.sort { $0.hash < $1.hash }
        self.entries = entries
    }

    /// A row with this text.
    func row(of text: String) throws(IndexError) -> Int? {
        var text = text
        let hash = text.withUTF8 { Self.hash(UnsafeRawBufferPointer($0)) }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        while low < entries.count, entries[low].hash == hash {
            let row = Int(entries[low].row)
            if try isText(text, of: row) { return row }
            low += 1
        }
        return nil
    }

    private func isText(_ text: String, of row: Int) throws(IndexError) -> Bool {
        switch snapshot.place(of: row) {
        case .segment(let part, let row): try part.segment.text(row).elementsEqual(text.utf8)
        case .recent(let recent): recent.row.text.elementsEqual(text.utf8)
        }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.withMemoryRebound(to: UInt8.self) { ByteTable.hash($0) }
    }
}
