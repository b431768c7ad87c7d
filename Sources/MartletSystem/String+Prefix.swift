extension String {
    /// The longest beginning of at most so many bytes of UTF-8 that ends between two scalars.
    package func prefix(bytes: Int) -> Substring {
        guard bytes < utf8.count else { return self[...] }
        var end = utf8.index(startIndex, offsetBy: max(0, bytes))
        while end > startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return self[..<end]
    }
}
