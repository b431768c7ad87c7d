/// `Metaspace` under `decoder` of tokenizer.json: the visible character becomes a space again, and is gone
/// from the first token if the pre-tokenizer put one there.
struct MetaspaceDecoder: Decoder {
    let metaspace: Metaspace

    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        let replacement = metaspace.replacement
        return tokens.enumerated().map { index, token in
            var text: [UInt8] = []
            var position = 0
            while position < token.count {
                if token[position...].starts(with: replacement) {
                    if index > 0 || metaspace.prepending == .never { text.append(0x20) }
                    position += replacement.count
                } else {
                    text.append(token[position])
                    position += 1
                }
            }
            return text
        }
    }
}
