/// Changes: a few rows go into the log, many become segments.
extension CollectionWriter.State {
    mutating func change(
        _ records: [Record], _ removed: [[UInt8]], _ identity: CollectionIdentity?, _ notes: [String: String]?
    ) throws(IndexError) {
        if let failure { throw failure }
        let settings = snapshot.settings
        if let identity, identity != settings.identity {
            throw .identityMismatch(identity, settings.identity, path: collection.path)
        }
        var schema = snapshot.fields
        for index in records.indices { try schema.accept(records[index].fields, record: index) }
        var bytes = 0
        var squares: [Double] = []
        squares.reserveCapacity(records.count)
        for index in records.indices {
            squares.append(try StoredRow.check(records[index], index: index, settings: settings))
            bytes += settings.store.bytes(dimensions: settings.dimensions) + records[index].text.utf8.count
        }
        let mayFitLog =
            records.count + removed.count <= limits.rowsOfCommit
            && snapshot.recent.count + records.count <= limits.logRows
            && logEnd + bytes <= limits.logBytes && notes == nil
        if mayFitLog {
            if records.isEmpty, removed.isEmpty { return }
            let rows = try records.indices.map { (index) throws(IndexError) in
                try StoredRow(records[index], squares: squares[index], index: index, settings: settings)
            }
            let commit = LogCommit(removed: removed, rows: rows)
            // With ids, fields and weights.
            let body = commit.bytes(hasImpacts: settings.sparse != nil)
            if logEnd + Log.size(ofBody: body.count) <= limits.logBytes {
                return try append(commit, Log.frame(body), schema)
            }
        }
        try rewrite(records, squares: squares, removed, notes, schema)
        if !limits.mergesInBackground { try mergeWhereNeeded() }
    }

    private mutating func append(
        _ commit: LogCommit, _ frame: [UInt8], _ schema: FieldSchema
    ) throws(IndexError) {
        let next = try snapshot.applying([commit], fields: schema)
        do throws(IndexError) {
            try frame.withUnsafeBytesThrowing { (bytes) throws(IndexError) in try log.writeAll(bytes) }
            try log.sync()
        } catch {
            // What the disk holds of the commit must not come back.
            do throws(IndexError) {
                try log.truncate(to: logEnd)
                try log.sync()
            } catch let second {
                failure = IndexError(
                    .io,
                    "the log of \(collection.path) could not be restored after a failed write (\(second.message)); open a new writer",
                    path: second.path)
            }
            throw error
        }
        logEnd += frame.count
        snapshot = next
        collection.publish(next, log: manifest.log, logEnd: logEnd)
    }
}

extension IndexError {
    static func identityMismatch(_ found: CollectionIdentity, _ expected: CollectionIdentity, path: String)
        -> IndexError
    {
        IndexError(
            .identityMismatch,
            "\(path) holds vectors of \(expected.model) (\(expected.fingerprint)); these are of \(found.model) (\(found.fingerprint)): "
                + "use the first model, or index the texts again with the second one into a new collection",
            path: path)
    }
}
