internal import MartletSystem

/// Vectors stored in fewer bits, as `sentence_transformers.quantization.quantize_embeddings` stores them.
public struct QuantizedEmbeddings: Sendable, Hashable {
    /// How the numbers are stored.
    public let precision: OutputPrecision
    /// Number of vectors.
    public let count: Int
    /// Number of dimensions of each vector before quantisation.
    public let dimensions: Int
    /// One vector after the other, ``bytesPerVector`` each; signed bytes are in two's complement.
    public let bytes: [UInt8]
    /// What was divided into steps, for `int8` and `uint8`; nil otherwise.
    public let ranges: QuantizationRanges?
    /// Which model made the vectors; nil: not known.
    public let identity: ModelIdentity?

    /// Number of bytes of one vector.
    public var bytesPerVector: Int { precision.bytes(dimensions: dimensions) }

    /// The bytes of the vector at `index`, from 0.
    public subscript(index: Int) -> ArraySlice<UInt8> {
        precondition(index >= 0 && index < count, "vector \(index) of \(count)")
        return bytes[index * bytesPerVector..<(index + 1) * bytesPerVector]
    }

    /// The vector at `index` as the whole numbers that NumPy would print for `int8`, `uint8`, `binary` and
    /// `ubinary`; nil for `float32` and `float16`.
    public func integers(at index: Int) -> [Int]? {
        switch precision {
        case .float32, .float16: nil
        case .int8, .binary: self[index].map { Int(Int8(bitPattern: $0)) }
        case .uint8, .ubinary: self[index].map { Int($0) }
        }
    }
}

extension Embeddings {
    /// Stores the vectors in fewer bits.
    /// - Parameters:
    ///   - precision: How.
    ///   - ranges: For `int8` and `uint8`: the range of each dimension. Nil takes the ranges of these
    ///     vectors, which is only sound for many vectors; other vectors, such as queries, then have to be
    ///     quantised with the ranges of the result.
    /// - Returns: As many vectors, in the same order.
    /// - Throws: ``MartletError/Code/invalidOption`` if ranges are of another number of dimensions, or if
    ///   they would have to come from a single vector; ``MartletError/Code/nonFinite`` with the index of a
    ///   vector that has a value that is NaN.
    public func quantized(to precision: OutputPrecision, ranges: QuantizationRanges? = nil)
        throws(MartletError) -> QuantizedEmbeddings
    {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * precision.bytes(dimensions: dimensions))
        var used: QuantizationRanges?
        switch precision {
        case .float32:
            for value in floats { bytes.appendLittleEndian(value.bitPattern) }
        case .float16:
            for value in floats { bytes.appendLittleEndian(HalfPrecision.bits(value)) }
        case .int8, .uint8:
            if count > 0 {
                let known = if let ranges { ranges } else { try inferredRanges(precision) }
                used = known
                try appendSteps(known, offset: precision == .int8 ? 128 : 0, to: &bytes)
            }
        case .binary, .ubinary:
            try appendSigns(mask: precision == .binary ? 0x80 : 0, to: &bytes)
        }
        return QuantizedEmbeddings(
            precision: precision, count: count, dimensions: dimensions, bytes: bytes, ranges: used,
            identity: identity)
    }

    private func inferredRanges(_ precision: OutputPrecision) throws(MartletError) -> QuantizationRanges {
        guard count > 1 else {
            throw MartletError(
                .invalidOption,
                "\(precision.rawValue) needs the range of each dimension, and one vector has none; give ranges from many vectors"
            )
        }
        return try QuantizationRanges(calibration: self)
    }

    /// clip(floor((x − min) / step), 0, 255) in 32-bit arithmetic with step = (max − min) / 255, or 1 for a
    /// dimension that does not vary.
    private func appendSteps(_ ranges: QuantizationRanges, offset: UInt8, to bytes: inout [UInt8])
        throws(MartletError)
    {
        try ModelIdentity.requireSameSpace(ranges.identity, identity)
        guard ranges.minimum.count == dimensions else {
            throw MartletError(
                .invalidOption,
                "quantisation ranges have \(ranges.minimum.count) dimensions, the vectors have \(dimensions)")
        }
        let steps = zip(ranges.minimum, ranges.maximum).map { low, high in
            let step = (high - low) / 255
            return step == 0 ? 1 : step
        }
        for index in 0..<count {
            for dimension in 0..<dimensions {
                let value = floats[index * dimensions + dimension]
                let level = ((value - ranges.minimum[dimension]) / steps[dimension]).rounded(.down)
                guard !level.isNaN else { throw notANumber(index, dimension, value) }
                bytes.append(UInt8(Swift.min(Swift.max(level, 0), 255)) &- offset)
            }
        }
    }

    /// As `numpy.packbits`: the first dimension in the highest bit, zeros after the last. Subtracting 128
    /// flips the highest bit.
    private func appendSigns(mask: UInt8, to bytes: inout [UInt8]) throws(MartletError) {
        for index in 0..<count {
            var byte: UInt8 = 0
            for dimension in 0..<dimensions {
                let value = floats[index * dimensions + dimension]
                guard !value.isNaN else { throw notANumber(index, dimension, value) }
                if value > 0 { byte |= 0x80 >> UInt8(dimension & 7) }
                if dimension & 7 == 7 || dimension == dimensions - 1 {
                    bytes.append(byte ^ mask)
                    byte = 0
                }
            }
        }
    }

    private func notANumber(_ index: Int, _ dimension: Int, _ value: Float) -> MartletError {
        MartletError(
            .nonFinite, "vector \(index): dimension \(dimension) is \(value), which cannot be quantised",
            inputIndex: index)
    }
}

extension [UInt8] {
    fileprivate mutating func appendLittleEndian<T: FixedWidthInteger>(_ value: T) {
        for shift in stride(from: 0, to: T.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> T(shift)))
        }
    }
}
