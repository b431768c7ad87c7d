@testable import MartletData

extension FileSource {
    /// The positions before the first record, after each, and at the end.
    func positions() throws -> [Checkpoint] {
        var reader = InputReader(self)
        let digest = digest ?? ""
        var result = [reader.checkpoint(digest: digest)]
        while case .record = try reader.next(waiting: true) {
            result.append(reader.checkpoint(digest: digest))
        }
        result.append(reader.checkpoint(digest: digest))
        return result
    }
}
