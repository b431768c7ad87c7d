/// A device that runs encoders. It takes the description of a model and its tensors, and gives an encoder whose
/// sessions return rows: nothing above it knows where these were computed.
///
/// A new device is a type that conforms, with an `Encoder` and an `EncoderSession` of its own.
package protocol ComputeBackend: Sendable {
    /// Its name in identities, such as "cpu".
    var device: String { get }
    /// Builds an encoder.
    /// - Parameter smoothing: Scales for int8 that the file brings along; nil: it has none.
    func encoder(
        _ description: TransformerDescription, _ checkpoint: Checkpoint, smoothing: Smoothing?
    ) throws(ModelError) -> any Encoder
}
