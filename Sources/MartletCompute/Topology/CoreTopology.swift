/// The processors that a process may use, as the system describes them. A processor is one hardware thread; two
/// of them may share a core.
package struct CoreTopology: Sendable, Equatable {
    package struct Processor: Sendable, Equatable {
        /// The system's number.
        package let number: Int
        /// The lowest number of the processors of the same core.
        package let core: Int
        /// The node of memory that is near.
        package let node: Int
        /// Whether its core is of the fastest kind: at least three quarters as fast as the fastest.
        package let isFast: Bool

        package init(number: Int, core: Int, node: Int, isFast: Bool) {
            (self.number, self.core, self.node, self.isFast) = (number, core, node, isFast)
        }
    }

    package let processors: [Processor]

    package init(_ processors: [Processor]) { self.processors = processors }

    /// Those of this process, read once.
    package static let current = CoreTopology.ofThisProcess()

    /// `count` processors that differ in nothing, where the system does not say more.
    package init(alike count: Int) {
        processors = (0..<max(1, count)).map { Processor(number: $0, core: $0, node: 0, isFast: true) }
    }
}
