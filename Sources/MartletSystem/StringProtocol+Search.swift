// The standard library's search for a text in a text is in the module of regular expressions. One call of it
// links their parser and their engine, 1.2 MB, into every program.
extension StringProtocol {
    /// Whether `text` occurs, compared byte by byte.
    package func holds(_ text: String) -> Bool { utf8Offset(of: text) != nil }

    /// Where `text` occurs first, in bytes of UTF-8 from the start; nil: nowhere.
    package func utf8Offset(of text: String) -> Int? {
        var (whole, part) = (String(self), text)
        return whole.withUTF8 { whole in
            part.withUTF8 { part in
                guard let first = part.first else { return 0 }
                guard whole.count >= part.count else { return nil }
                return (0...whole.count - part.count).first { start in
                    whole[start] == first && whole[start..<start + part.count].elementsEqual(part)
                }
            }
        }
    }

    /// With `other` in the place of each occurrence of `text`, which is not empty.
    package func replacing(each text: String, by other: String) -> String {
        var (done, rest) = ("", Substring(self))
        while !text.isEmpty, let offset = rest.utf8Offset(of: text) {
            let start = rest.utf8.index(rest.startIndex, offsetBy: offset)
            done += rest[..<start] + other
            rest = rest[rest.utf8.index(start, offsetBy: text.utf8.count)...]
        }
        return done + rest
    }
}
