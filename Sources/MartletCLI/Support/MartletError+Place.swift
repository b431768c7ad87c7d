#if Command

import Martlet
import MartletData

extension MartletError {
    /// The text at fault, for whoever knows where it stands; the error itself if it is about no text.
    var ofText: any Error {
        inputIndex.map { TextError(index: $0, message: message(calling: "the text")) } ?? self
    }
}

#endif
