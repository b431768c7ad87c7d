/// A sink whose rows replace those of the same id.
package protocol ReplacingSink: RecordSink {
    /// What the sink knows the record's row by: of two records with one key the later row stays. Places that
    /// store texts alone take 1 and "1" for one id.
    func key(of record: Record) -> RecordID
}
