// The standard library's search for a text in a text is in the module of regular expressions. One call of it
// links their parser and their engine, 1.2 MB, into every program.
extension StringProtocol {
    /// Whether `text` occurs, compared byte by byte.
    package func holds(_ text: String) -> Bool { utf8Offset(of: text) != nil }

    /// Where `text` occurs first, in bytes of UTF-8 from the start; nil: nowhere.
    package func utf8Offset(of text: String) -> Int? {
        var (whole, part) = (String(self), text)
        return whole.withUTF8 { whole in part.withUTF8 { place(of: $0, in: whole, from: 0) } }
    }

    /// With `other` in the place of each occurrence of `text`, which is not empty. Takes time in proportion to
    /// the lengths.
    package func replacing(each text: String, by other: String) -> String {
        var (whole, part) = (String(self), text)
        if part.isEmpty { return whole }
        let bytes = whole.withUTF8 { whole in
            part.withUTF8 { part in
                var bytes: [UInt8] = []
                var start = 0
                while let found = place(of: part, in: whole, from: start) {
                    bytes += whole[start..<found]
                    bytes += other.utf8
                    start = found + part.count
                }
                return bytes + whole[start...]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

private func place(
    of part: UnsafeBufferPointer<UInt8>, in whole: UnsafeBufferPointer<UInt8>, from start: Int
) -> Int? {
    guard let first = part.first else { return start }
    let last = whole.count - part.count
    guard start <= last else { return nil }
    return (start...last).first { place in
        whole[place] == first && whole[place..<place + part.count].elementsEqual(part)
    }
}
