#if Command

extension InputPlan {
    /// All records at once, for commands whose result needs every text.
    func readAll() throws(InputError) -> [Record] {
        for path in paths { try ByteSource.check(path) }
        var reader = InputReader(self)
        var records: [Record] = []
        while case .record(let record) = try reader.next(waiting: true) { records.append(record) }
        return records
    }
}

#endif
