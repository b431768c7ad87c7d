#if Server

/// A body that did not come in time.
enum BodyTimeout: Error {
    /// It took longer than a body may.
    case late
    /// It stopped arriving, and others waited for its connection's place.
    case givenUp
}

/// Tells a connection that the body that it waits for is given up.
struct BodyGivenUp: Sendable {}

/// Whoever reads a body says so: a client that asked first (`Expect: 100-continue`) sends it then.
struct BodyWanted: Sendable {}

#endif
