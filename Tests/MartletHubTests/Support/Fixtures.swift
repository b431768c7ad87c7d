#if Hub

/// Tests/Fixtures, found from this file's place in the checkout.
enum Fixtures {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    static func path(_ name: String) -> String { "\(root)/Fixtures/\(name)" }
}

#endif
