#if Command

import Martlet
import MartletData

/// A model with the options of a run, whose vectors are written.
struct LoadedEngine {
    let info: ModelInfo
    /// The identity of the vectors with the run's options, which is stored with them.
    let identity: ModelIdentity
    let processor: any TextProcessor<VectorRows>
    /// What tells a changed model of a provider; nil for one on this machine.
    var probe: ModelProbe?
}

#endif
