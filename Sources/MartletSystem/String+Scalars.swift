extension String {
    /// A text of these scalars. Several times as fast as appending them to a view.
    package init(scalars: [Unicode.Scalar]) {
        self.init(unsafeUninitializedCapacity: scalars.count * 4) { bytes in
            var count = 0
            for scalar in scalars {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    bytes[count] = byte
                    count += 1
                }
            }
            return count
        }
    }
}
