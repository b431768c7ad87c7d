#if Command

import Martlet
import MartletData

extension Processed {
    /// What a call of the library gave.
    init(_ output: Output, _ usage: Usage) {
        self.init(output, tokens: usage.tokens, truncated: usage.truncatedInputs, blank: usage.blankInputs)
    }
}

#endif
