/// Rows that int8 products take with 16 bits a value in place of 8: those of texts of a few tokens, whose
/// rounding errors no other token evens out.
///
/// Owns nothing: the factors must outlive it.
package struct FineRows {
    /// What a unit of the low 8 bits is worth beside one of the high ones.
    package static let factor: Float = 1 / 256

    /// For each row ``factor``, or 0 where it has 8 bits.
    let factors: UnsafePointer<Float>

    package init(factors: UnsafePointer<Float>) { self.factors = factors }
}
