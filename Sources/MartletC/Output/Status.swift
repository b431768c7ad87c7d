/// What a call of the C interface returns: the constants of martlet.h.
enum Status: Int32, CaseIterable {
    case ok = 0
    case invalidArgument, invalidOption, invalidInput, invalidModel, notFound, mismatch, io, busy, cancelled
}
