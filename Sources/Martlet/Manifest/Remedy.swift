/// What a caller can do about an error, as data: a command words it as an option, a server as a member of a
/// request.
public enum Remedy: Sendable, Hashable {
    /// Choose how token vectors become one, see ``ModelConfiguration/pooling``.
    case choosePooling
    /// Load the model as what it is.
    case loadAs(ModelKind)
    /// Rank by the similarity of vectors, which needs no model that scores.
    case rankBySimilarity
    /// Choose no task, see ``ModelConfiguration/task``.
    case dropTask
    /// Choose one of these tasks.
    case chooseTask([String])
    /// Allow a text at most so many tokens, see ``ModelConfiguration/maxTokens``.
    case limitTokens(Int)
}
