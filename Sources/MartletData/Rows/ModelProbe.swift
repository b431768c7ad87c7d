internal import MartletJSON

/// The first numbers of the vector that a remote model gave for a fixed text. A provider can replace a model
/// under its name; then they point elsewhere.
package struct ModelProbe: Sendable, Equatable {
    package let numbers: [Float]

    /// Providers' own answers differ by rounding, and vectors of another model have cosines near 0.
    private static let leastCosine = 0.99

    package init(_ numbers: [Float]) { self.numbers = numbers }

    /// Why vectors of both cannot be mixed, as what follows "vectors of"; nil: nothing speaks against it.
    package func difference(from now: ModelProbe) -> String? {
        guard numbers.count == now.numbers.count else { return nil }
        var (product, first, second) = (0.0, 0.0, 0.0)
        for (a, b) in zip(numbers, now.numbers) {
            product += Double(a) * Double(b)
            first += Double(a) * Double(a)
            second += Double(b) * Double(b)
        }
        let lengths = (first * second).squareRoot()
        guard lengths > 0, product / lengths < Self.leastCosine else { return nil }
        let hundredths = Int((product / lengths * 100).rounded())
        return "another model of that name: the vector of a fixed text then and now have the cosine "
            + "\(Double(hundredths) / 100), so the provider has changed it"
    }

    // MARK: As JSON

    package var json: String {
        var bytes: [UInt8] = []
        numbers.withUnsafeBufferPointer { JSONText.append($0, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    package init?(json text: String) {
        guard let list = (try? JSONValue.parse(utf8: text))?.array else { return nil }
        let numbers = list.compactMap { $0.double.map { Float($0) } }
        guard numbers.count == list.count, !numbers.isEmpty else { return nil }
        self.init(numbers)
    }
}
