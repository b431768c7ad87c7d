/// One way to pool, with the names that sentence-transformers gives it in `1_Pooling/config.json`.
package enum PoolingMode: String, Sendable, CaseIterable {
    // In the order in which sentence-transformers concatenates the modes of a configuration made of booleans.
    case cls, max, mean
    case meanSqrtLen = "mean_sqrt_len"
    case weightedMean = "weighted_mean"
    case last
}
