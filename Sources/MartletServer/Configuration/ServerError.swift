#if Server

/// A configuration that cannot be, or a server that cannot start.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence: what is wrong, what to do.
    public let message: String
    public var description: String { message }

    /// An error with a message for people.
    public init(_ message: String) { self.message = message }
}

#endif
