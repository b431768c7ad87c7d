#if Command

/// What turns texts into rows: the library, or a stand-in in tests.
protocol TextEngine: Sendable {
    func embed(_ texts: [String]) throws -> EngineResult
    /// How many of the first records go into one call, at least one of them: what a call gives is in memory at once.
    func count(ofFirst records: ArraySlice<Record>) -> Int
}

extension TextEngine {
    func count(ofFirst records: ArraySlice<Record>) -> Int { records.count }
}

struct EngineResult: Sendable {
    var rows: Rows
    var tokens: Int
    /// Indices of the texts that were cut.
    var truncated: [Int]
    var blank: Int
}

/// A text that cannot be embedded, by its index in the call; other texts can.
struct TextError: Error {
    let index: Int
    let message: String
}

#endif
