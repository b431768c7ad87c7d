#if Command

import Martlet

extension MartletError {
    /// The message without the index of the text in the call, which says nothing to somebody who sees a file and a line.
    var messageWithoutIndex: String {
        guard let inputIndex else { return message }
        let name = "text \(inputIndex)"
        let rest = message.utf8.dropFirst(name.utf8.count)
        guard message.hasPrefix(name), let next = rest.first, next == UInt8(ascii: " ") || next == UInt8(ascii: ":") else { return message }
        return next == UInt8(ascii: ":")
            ? String(decoding: rest.dropFirst(2), as: UTF8.self) : "the text" + String(decoding: rest, as: UTF8.self)
    }

    /// The text at fault, for whoever knows where it stands; the error itself if it is about no text.
    var ofText: any Error { inputIndex.map { TextError(index: $0, message: messageWithoutIndex) } ?? self }
}

#endif
