#if Command

import Martlet
import MartletIndex

extension CollectionIdentity {
    /// The identity of a model's vectors: what changes them beyond the last bits is part of it.
    init(_ model: ModelInfo) {
        var parts = [model.pipeline, "\(model.dimensions)", "\(model.parameters)", model.weightType]
        if let task = model.task { parts.append(task) }
        parts += model.prompts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        self.init(model: model.name, fingerprint: parts.joined(separator: "; "))
    }
}

#endif
