#if Server

internal import MartletSystem

/// About the addresses that requests take, where the process may use few (`ulimit -v`). Memory that is refused
/// in the middle of one would end the process.
enum AddressNeed {
    /// With what the others have left to do.
    static let connection = 8 << 20
    /// A byte of a body as JSON values, tokens and numbers.
    private static let growth = 32

    /// - Parameter bytes: Of all bodies that are held.
    static func check(bodies bytes: Int) throws(ServiceError) {
        try check(bytes.multipliedReportingOverflow(by: growth).partialValue)
    }

    static func check(answer bytes: Int) throws(ServiceError) { try check(2 * bytes) }

    private static func check(_ bytes: Int) throws(ServiceError) {
        guard AddressSpace.hasRoom(for: bytes + connection) else {
            throw ServiceError(
                .overloaded(retryAfter: 1),
                "this request needs more address space than the process may use; send less at a time, or raise the server's limit of address space (ulimit -v)"
            )
        }
    }
}

#endif
