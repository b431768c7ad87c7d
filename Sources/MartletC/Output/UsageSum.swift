import CMartlet
import Martlet

/// What the slices of a call took, for the caller.
struct UsageSum {
    private let place: UnsafeMutablePointer<martlet_usage>?
    private let count: Int

    /// - Parameter count: Texts of the call.
    init(_ place: UnsafeMutablePointer<martlet_usage>?, count: Int) {
        self.place = place
        self.count = count
        guard let place else { return }
        (place.pointee.tokens, place.pointee.truncated, place.pointee.blank) = (0, 0, 0)
        if count > 0 { place.pointee.truncated_texts?.update(repeating: 0, count: count) }
    }

    /// - Parameter first: The place in the call of the slice's first text.
    func add(_ usage: Usage, countingFrom first: Int) {
        guard let place else { return }
        place.pointee.tokens += Int64(usage.tokens)
        place.pointee.truncated += Int64(usage.truncatedInputs.count)
        place.pointee.blank += Int64(usage.blankInputs)
        guard let flags = place.pointee.truncated_texts else { return }
        for index in usage.truncatedInputs where first + index < count { flags[first + index] = 1 }
    }
}
