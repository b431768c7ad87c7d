/// What an encoder keeps of the tokens that many texts begin with, so that they are computed once: in a causal
/// model they do not depend on what follows. It is bound to the encoder that made it.
package protocol EncodedPrefix: Sendable {
    /// Tokens. A text may also begin with fewer of them.
    var count: Int { get }
    /// Bytes that it takes.
    var bytes: Int { get }
}
