/// Words between white space, with every punctuation character a word of its own; `WhitespaceSplit` is the
/// same without punctuation.
struct BertPreTokenizer: PreTokenizer {
    private enum Class {
        static let letter: UInt8 = 0, space: UInt8 = 1, punctuation: UInt8 = 2, multibyte: UInt8 = 3
    }

    private let isolatesPunctuation: Bool
    private let classes: [UInt8]

    init(isolatesPunctuation: Bool = true) {
        self.isolatesPunctuation = isolatesPunctuation
        classes = (0...255).map { (byte: UInt8) in
            switch byte {
            case 0x80...: Class.multibyte
            case 0x09...0x0D, 0x20: Class.space
            case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E:
                isolatesPunctuation ? Class.punctuation : Class.letter
            default: Class.letter
            }
        }
    }

    var isLocal: Bool { true }

    func preTokenize(_ list: WordList) {
        list.split { text, word, words in split(text, word, into: &words) }
    }

    @inline(__always)
    private func split(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into words: inout [Range<Int>]
    ) {
        classes.withUnsafeBufferPointer { classes in
            var position = range.lowerBound
            var wordStart = position
            while position < range.upperBound {
                var kind = classes[Int(text[position])]
                if kind == Class.letter {
                    position &+= 1
                    continue
                }
                var length = 1
                if kind == Class.multibyte { (kind, length) = multibyte(text, at: position) }
                if kind != Class.letter {
                    if wordStart < position { words.append(wordStart..<position) }
                    if kind == Class.punctuation { words.append(position..<position &+ length) }
                    wordStart = position &+ length
                }
                position &+= length
            }
            if wordStart < position { words.append(wordStart..<position) }
        }
    }

    @inline(__always)
    private func multibyte(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> (kind: UInt8, length: Int)
    {
        let (scalar, length) = UTF8Scalars.decode(text, at: position)
        let flags = UnicodeTables.shared.flags(of: scalar)
        if flags.contains(.whitespace) { return (Class.space, length) }
        return (
            isolatesPunctuation && flags.contains(.punctuation) ? Class.punctuation : Class.letter, length
        )
    }
}
