internal import MartletJSON
internal import MartletSystem

extension ConfigurationReader {
    /// Rotary positions in either spelling: `rope_theta` beside `rope_scaling`, or both in `rope_parameters`.
    func rotary(headSize: Int, maxPositions: Int, defaultBase: Double) throws(ModelError) -> Rotary {
        let base = try number("rope_theta", default: defaultBase)
        let partial = try number("partial_rotary_factor", default: 1)
        var reader = ConfigurationReader(.object(.init()), file: file, family: family, place: place)
        // As transformers resolves two spellings of one fact: `rope_scaling` unless it is empty.
        let hasParameters = has("rope_parameters")
        if has("rope_scaling"), try member("rope_scaling").isEmpty == false {
            reader = try member("rope_scaling")
        } else if hasParameters {
            reader = try member("rope_parameters")
        }
        return try reader.rotary(headSize: headSize, maxPositions: maxPositions, base: base, partial: partial)
    }

    /// Of the object that names the rope's type; what it leaves out is as given.
    /// - Parameters:
    ///   - part: How much of a head turns.
    ///   - partial: `partial_rotary_factor` beside the object.
    func rotary(headSize: Int, maxPositions: Int, base: Double, part: Double = 1, partial: Double = 1)
        throws(ModelError) -> Rotary
    {
        let base = try number("rope_theta", default: base)
        let partial = try number("partial_rotary_factor", default: partial)
        let dimensions = part > 0 && part <= 1 ? Int(Double(headSize) * part) : 0
        guard base > 1, base.isFinite, dimensions > 0, dimensions <= 1024, dimensions % 2 == 0,
            partial > 0, partial <= 1
        else {
            throw invalid(
                "rotary positions with base \(base) over \(part * partial) of a head of \(headSize) are not possible"
            )
        }
        var rotary = Rotary(base: base, dimensions: dimensions)
        let (newer, older) = (try string("rope_type"), try string("type"))
        let type = newer ?? older ?? "default"
        // transformers' classes turn whole heads where the type is "default", and with another type fail to
        // turn parts of them.
        guard partial == 1 || type == "default" else {
            throw unsupported(
                "partial_rotary_factor \(partial) is not supported with rope_type \(type.quotedForMessage)")
        }
        switch type {
        case "default": break
        // Beyond its length the dynamic type would change with the text; no text is longer.
        case "dynamic": _ = try factor()
        case "linear": rotary.interpolate(try factor())
        case "ntk":
            guard !has("mixed_b") else { throw unsupported("rope scaling with \"mixed_b\" is not supported") }
            rotary.scaleNTK(base: base, factor: try factor())
        case "yarn":
            let factor = try factor()
            rotary.scaleYaRN(
                base: base, factor: factor,
                trained: try size("original_max_position_embeddings", default: maxPositions),
                fast: try number("beta_fast", default: 32), slow: try number("beta_slow", default: 1),
                truncates: try flag("truncate", default: true))
            rotary.factor = Float(try number("attention_factor", default: yarnFactor(factor)))
        case "llama3":
            rotary.scaleLlama3(
                factor: try factor(), low: try number("low_freq_factor", default: 1),
                high: try number("high_freq_factor", default: 4),
                trained: try size("original_max_position_embeddings", default: maxPositions))
        default:
            throw unsupported(
                "rope_type \(type.quotedForMessage) is not supported; default, dynamic, linear, llama3, ntk and yarn are"
            )
        }
        return rotary
    }

    private func factor() throws(ModelError) -> Double {
        let factor = try number("factor", default: 0)
        guard factor >= 1, factor.isFinite else {
            throw invalid("rope scaling needs a \"factor\" of at least 1, found \(factor)")
        }
        return factor
    }

    private func yarnFactor(_ factor: Double) throws(ModelError) -> Double {
        func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
        let (some, all) = (try number("mscale", default: 0), try number("mscale_all_dim", default: 0))
        return some != 0 && all != 0 ? scale(some) / scale(all) : scale(1)
    }

    /// A member that is an object, with a reader of its own.
    func member(_ key: String) throws(ModelError) -> ConfigurationReader {
        guard let object = member(named: key), object.object != nil else {
            throw invalid("\"\(key)\" must be an object")
        }
        // One for each member, so that all who ask it are known together.
        if let reader = asked.inner[key] { return reader }
        let reader = ConfigurationReader(object, file: file, family: family, place: "\(place), \(key)")
        asked.inner[key] = reader
        return reader
    }
}
