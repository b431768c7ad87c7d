/// The vector of one text: `count` numbers without a unit.
///
/// Comparing vectors of different models, or cut to different numbers of dimensions, is an error.
public struct Embedding: Sendable {
    /// Shared with the block that the vector came from: a vector taken from ``Embeddings`` is not copied.
    let storage: [Float]
    let offset: Int
    /// Number of dimensions.
    public let count: Int
    /// Which model made it; nil for a vector from elsewhere.
    public let identity: ModelIdentity?

    /// A vector of the given values.
    /// - Parameters:
    ///   - values: One number per dimension.
    ///   - identity: Which model made it; nil: not known, and taken on trust where it is compared.
    public init(_ values: [Float], identity: ModelIdentity? = nil) {
        self.init(storage: values, offset: 0, count: values.count, identity: identity)
    }

    init(storage: [Float], offset: Int, count: Int, identity: ModelIdentity?) {
        self.identity = identity
        self.storage = storage
        self.offset = offset
        self.count = count
    }

    /// The numbers as an array, copied if the vector is part of a block.
    public var values: [Float] {
        offset == 0 && count == storage.count ? storage : Array(storage[offset..<offset + count])
    }

    /// Calls `body` with the numbers in memory, without a copy.
    /// - Parameter body: Must not keep the pointer.
    /// - Returns: What `body` returns.
    public func withUnsafeBufferPointer<R, E: Error>(_ body: (UnsafeBufferPointer<Float>) throws(E) -> R)
        throws(E) -> R
    {
        try storage.withUnsafeBufferPointer { (whole) throws(E) in
            try body(UnsafeBufferPointer(rebasing: whole[offset..<offset + count]))
        }
    }
}

extension Embedding: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
    /// The number at a dimension, from 0.
    public subscript(dimension: Int) -> Float {
        precondition(dimension >= 0 && dimension < count, "dimension \(dimension) of a vector of \(count)")
        return storage[offset + dimension]
    }
}

extension Embedding: Hashable {
    /// Whether both have the same numbers in the same order.
    public static func == (a: Embedding, b: Embedding) -> Bool { a.elementsEqual(b) }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for value in self { hasher.combine(value) }
    }
}

extension Embedding: ExpressibleByArrayLiteral, CustomStringConvertible {
    public init(arrayLiteral elements: Float...) { self.init(elements) }

    /// The number of dimensions and the first values.
    public var description: String {
        let head = prefix(4).map { "\($0)" }.joined(separator: ", ")
        return "Embedding(\(count): [\(head)\(count > 4 ? ", …" : "")])"
    }
}
