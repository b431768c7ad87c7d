/// Normalizers that look at one character at a time: `StripAccents`, `Nmt`, and the steps of others.
struct CharacterMap: Normalizer {
    let lowercases: Bool
    /// Calls `put` with each scalar that one becomes.
    private let map: @Sendable (_ scalar: UInt32, _ put: (UInt32) -> Void) -> Void

    private init(
        lowercases: Bool = false,
        _ map: @escaping @Sendable (_ scalar: UInt32, _ put: (UInt32) -> Void) -> Void
    ) {
        self.lowercases = lowercases
        self.map = map
    }

    init(dropping dropped: UnicodeTables.Flags) {
        self.init { scalar, put in
            if UnicodeTables.shared.flags(of: scalar).isDisjoint(with: dropped) { put(scalar) }
        }
    }

    var isLocal: Bool { true }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        var position = 0
        while position < text.count {
            let (scalar, length) = UTF8Scalars.decode(text.bytes, at: position)
            output.align(to: text, at: position)
            map(scalar) { output.append(scalar: $0) }
            position += length
        }
    }

    static let lowercase = CharacterMap(lowercases: true) { scalar, put in
        let tables = UnicodeTables.shared
        if tables.flags(of: scalar).contains(.hasLowercase) {
            tables.forEachLowercase(of: scalar, put)
        } else {
            put(scalar)
        }
    }

    /// Control characters go, white space becomes a space.
    static let cleanText = CharacterMap { scalar, put in
        let flags = UnicodeTables.shared.flags(of: scalar)
        if [0x09, 0x0A, 0x0D].contains(scalar) || !flags.contains(.control) {
            put(flags.contains(.whitespace) ? 0x20 : scalar)
        }
    }

    static let spaceChinese = CharacterMap { scalar, put in
        let isChinese = UnicodeTables.shared.flags(of: scalar).contains(.chinese)
        if isChinese { put(0x20) }
        put(scalar)
        if isChinese { put(0x20) }
    }

    /// Removes combining marks that stand alone; composed letters keep theirs unless NFD came before.
    static let stripAccents = CharacterMap(dropping: .mark)

    /// What SentencePiece's `nmt` rules do: control characters go, odd spaces become a space.
    static let nmt = CharacterMap { scalar, put in
        switch scalar {
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: break
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
            put(0x20)
        default: put(scalar)
        }
    }
}
