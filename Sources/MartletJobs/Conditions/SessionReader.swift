/// What tells whether somebody uses the machine.
package protocol SessionReader: Sendable {
    /// Whether a person was active in a session a short time ago; nil: nothing tells.
    func isInUse() -> Bool?
}
