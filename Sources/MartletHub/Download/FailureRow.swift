#if Hub

/// The failures in a row of one file's download, to know when it is given up.
///
/// Progress begins a new row: a part of the file that no attempt had before. A few bytes are not enough, as a
/// server that breaks off after each of them would never be given up. Bytes that came too slowly all the time
/// are not progress either.
struct FailureRow {
    private static let largestPart = 1 << 20

    private(set) var count = 0
    private let part: Int
    private var farthest: Int

    /// - Parameters:
    ///   - size: Of the file.
    ///   - received: Bytes that an earlier download left.
    init(size: Int, received: Int) {
        part = min(max(1, size / 100), Self.largestPart)
        farthest = received
    }

    /// - Parameter received: Bytes of the file that were received before the failure.
    mutating func add(_ failure: TransientFailure, received: Int) {
        let hasNewPart = received >= farthest + part
        if hasNewPart { farthest = received }
        let hasProgress = hasNewPart && (!failure.isTooSlow || failure.wasFastBefore)
        count = hasProgress ? 1 : count + 1
    }
}

#endif
