internal import CMartletKernels
internal import MartletSystem

/// Which table of kernels each operation is taken from on this machine, and why not from a better one.
package struct KernelChoice: Sendable {
    /// One of the operations that are chosen by themselves, such as "int8 products".
    package struct Operation: Sendable, Equatable {
        package let name: String
        /// The table that it is taken from.
        package let kernels: String
        /// Better tables, best first.
        package let passedOver: [PassedOver]
    }

    /// A table that an operation is not taken from.
    package struct PassedOver: Sendable, Equatable {
        package let kernels: String
        /// What it needs and the CPU or the operating system lacks; empty if it can run here.
        package let lacks: [String]
        /// Whether its results differed from those of `scalar`.
        package let disagrees: Bool
    }

    /// The instructions among those that some table needs which the CPU and the operating system offer, and
    /// those which they do not.
    package let features: [String]
    package let missingFeatures: [String]
    package let operations: [Operation]
    /// The tables put together.
    let kernels: Kernels

    /// That of this machine, made once. Each table is first held against `scalar` on a few numbers, which
    /// takes a tenth of a millisecond in all; what differs is not used, and a line on the standard error
    /// output says so.
    package static let current: KernelChoice = {
        let choice = KernelChoice(mk_cpu_features(), agrees: mk_agrees_with_scalar)
        for line in choice.complaints { complain(line) }
        return choice
    }()

    /// - Parameter agrees: Whether an operation of a table computes what it should; nil: all do.
    private init(
        _ features: mk_features, agrees: (@convention(c) (UnsafePointer<mk_kernels>?, mk_operation) -> Bool)?
    ) {
        var count: Int32 = 0
        guard let tables = mk_all_kernels(&count) else {
            preconditionFailure("every build has the scalar table")
        }
        // Kept for ever: the tables of the process.
        let choice = UnsafeMutablePointer<mk_choice>.allocate(capacity: 1)
        mk_choose(choice, tables, count, features, agrees)
        guard let chosen = mk_chosen_kernels(choice) else { preconditionFailure("the choice has kernels") }
        let all = (0..<Int(count)).compactMap { tables[$0] }
        let native = (0..<UInt32(MK_FEATURE_COUNT.rawValue)).map { mk_feature($0) }.filter {
            mk_feature_is_native($0)
        }
        func names(_ wanted: mk_features) -> [String] {
            native.filter { wanted >> $0.rawValue & 1 == 1 }.map { String(cString: mk_feature_name($0)) }
        }
        self.features = names(features)
        missingFeatures = names(~features)
        operations = (0..<UInt32(MK_OPERATION_COUNT.rawValue)).map { index in
            let operation = mk_operation(index)
            let table = mk_chosen_for(choice, operation)
            let better = all.prefix { $0 != table }
            return Operation(
                name: String(cString: mk_operation_name(operation)),
                kernels: table.map { String(cString: $0.pointee.name) } ?? "",
                passedOver: better.enumerated().map { place, better in
                    PassedOver(
                        kernels: String(cString: better.pointee.name),
                        lacks: names(better.pointee.needs & ~features),
                        disagrees: mk_was_rejected(choice, operation, Int32(place)))
                })
        }
        kernels = Kernels(table: chosen)
    }

    /// What is wrong with this CPU's results, a line for each operation.
    var complaints: [String] {
        operations.flatMap { operation in
            operation.passedOver.filter(\.disagrees).map {
                "martlet: the kernels \($0.kernels) compute wrong \(operation.name) on this machine; \(operation.kernels) computes them instead"
            }
        }
    }

    private static func complain(_ line: String) {
        var text = line + "\n"
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
