#if Command

import Martlet
import Testing

@testable import MartletCLI

struct LoadAheadTests {
    /// The model that was loaded while arguments were parsed serves the options that it was loaded for, and
    /// no others.
    @Test func servesTheDefaultsAlone() throws {
        DefaultModel.loadAhead(["embed", "a text", "-o", "vectors.npy"])
        let early = try DefaultModel.embedder(ModelConfiguration())
        // Where there is one core, nothing was loaded ahead.
        if early.model.threads > 1 {
            #expect(try DefaultModel.embedder(ModelConfiguration()).engine === early.engine)
        }
        let other = try DefaultModel.embedder(ModelConfiguration(threads: 1, precision: .f32))
        #expect(other.engine !== early.engine && other.model.threads == 1 && other.model.precision == "f32")
        let texts = ["a cat", "a dog"]
        let (first, second) = try (
            early.embedBlocking(texts), Embedder(DefaultModel.source).embedBlocking(texts)
        )
        #expect(first.map(Array.init) == second.map(Array.init))
    }
}

#endif
