extension SearchCollection {
    /// The records of the newest commit that answer best, the best first.
    /// - Throws: ``IndexError``.
    public func search(_ request: SearchRequest) throws(IndexError) -> [Hit] {
        try snapshot().search(request)
    }
}
