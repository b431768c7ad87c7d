/// Options of one call that embeds texts.
///
/// An option that does not apply to a model, such as pooling for a sparse one, is an error of the call, never
/// ignored.
public struct EmbedOptions: Sendable, Hashable {
    /// How token vectors become a text's vector. Default: as the model says. For dense models.
    public var pooling: Pooling
    /// The number of leading dimensions to keep, from 1 to the model's own number (Matryoshka). Nil keeps
    /// all. For dense models.
    ///
    /// Only models trained for it keep their quality. If vectors are normalised, they are normalised again
    /// after the cut.
    public var dimensions: Int?
    /// Whether each vector is scaled to length 1. Nil: as the model says. For dense models.
    public var normalize: Bool?
    /// The most dimensions of a vector that are not 0, at least 1; the largest are kept. Nil: what the model
    /// says, usually all. For sparse models.
    public var maxActiveDimensions: Int?
    /// What happens to a text that is too long. Default: it is cut on the side that the model's files name,
    /// and the cut is reported.
    public var truncation: TruncationPolicy
    /// Put before each text, literally; it replaces the prompt of the role.
    public var prompt: String?

    /// Options; everything that is not given stays as the model says.
    public init(
        pooling: Pooling = .native, dimensions: Int? = nil, normalize: Bool? = nil,
        maxActiveDimensions: Int? = nil,
        truncation: TruncationPolicy = .native, prompt: String? = nil
    ) {
        self.pooling = pooling
        self.dimensions = dimensions
        self.normalize = normalize
        self.maxActiveDimensions = maxActiveDimensions
        self.truncation = truncation
        self.prompt = prompt
    }
}

extension EmbedOptions {
    /// The options that are given and that a kind of model cannot honour are an error.
    /// - Parameter model: The kind in words, for the message.
    func refuse(
        pooling refusesPooling: Bool = false, dimensions refusesDimensions: Bool = false,
        activeDimensions: Bool = false,
        of model: String
    ) throws(MartletError) {
        func unsupported(_ option: String, _ why: String) -> MartletError {
            MartletError(.invalidOption, "\(option) does not apply to \(model): \(why); leave it out")
        }
        if refusesPooling, pooling != .native {
            throw unsupported(
                "pooling \(pooling.rawValue)", "it does not pool token vectors in a way that can be chosen")
        }
        if refusesDimensions, let dimensions {
            throw unsupported("dimensions \(dimensions)", "its vectors are not cut")
        }
        if refusesDimensions, let normalize {
            throw unsupported("normalize \(normalize)", "the length of its vectors is part of the model")
        }
        if activeDimensions, let limit = maxActiveDimensions {
            throw unsupported("maxActiveDimensions \(limit)", "it makes no sparse vectors")
        }
    }
}
