/// Makes the rows of a tensor of several stored ones, such as codes and their scales.
package protocol RowDecoder: Sendable {
    /// Decodes `rows`, which the tensor has, to the start of `destination`, row after row.
    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>)
}
