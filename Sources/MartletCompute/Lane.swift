/// Which of two lines work waits in for threads.
package enum Lane: String, Sendable, CaseIterable {
    /// Work that somebody waits for and that ends soon: texts that fit in one pass.
    case interactive
    /// Larger work: interactive work overtakes it, but leaves it a share.
    case bulk

    /// Where work waits in both lanes, bulk work has one turn in so many.
    package static let bulkShare = 4
}
