/// Decides whether the next piece of work is worth a team.
///
/// Where members stay away, other programs have the cores: the next pieces of work are then done alone, twice
/// as many each time, up to `most`.
package struct TeamPacing: Sendable {
    static let most = 64
    /// Pieces of work until a team is tried again.
    private var rest = 0
    private var length = 0

    package init() {}

    /// Whether to make a team now.
    package mutating func allowsTeam() -> Bool {
        if rest == 0 { return true }
        rest -= 1
        return false
    }

    /// - Parameter isWhole: Whether all members came, and none stayed away.
    package mutating func record(isWhole: Bool) {
        length = isWhole ? length / 2 : min(max(2, 2 * length), Self.most)
        if !isWhole { rest = length }
    }
}
