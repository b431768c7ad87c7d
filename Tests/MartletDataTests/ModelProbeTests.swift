import Martlet
import Testing

@testable import MartletData

/// A provider that replaces its model under one name.
@Suite struct ModelProbeTests {
    private func schema(_ probe: [Float]?) -> VectorSchema {
        var schema = VectorSchema(
            width: 2,
            identity: ModelIdentity(
                space: VectorSpace(model: "m", weights: "openai:m", dimensions: 2),
                computation: Computation(precision: "unknown", device: "openai")))
        schema.probe = probe.map { ModelProbe($0) }
        return schema
    }

    @Test func `vectors that differ by rounding are of one model`() {
        let probe = ModelProbe([0.6, 0.8])
        #expect(probe.difference(from: ModelProbe([0.601, 0.799])) == nil)
        #expect(probe.difference(from: ModelProbe([1, 0]))?.contains("the cosine 0.6") == true)
        #expect(probe.difference(from: ModelProbe([0.6, 0.8, 0])) == nil)
        #expect(probe.difference(from: ModelProbe([0, 0])) == nil)
        #expect(ModelProbe(json: probe.json) == probe)
        #expect(
            ModelProbe(json: "[]") == nil && ModelProbe(json: "[\"a\"]") == nil
                && ModelProbe(json: "{") == nil)
    }

    @Test func `a destination refuses vectors of a model that has changed`() throws {
        let mark = DestinationMark(schema([0.6, 0.8]))
        #expect(ModelIdentity(json: mark.identity) == schema(nil).identity)
        try mark.check(schema([0.601, 0.799]), at: "t")
        try mark.check(schema(nil), at: "t")
        try DestinationMark(schema(nil)).check(schema([1, 0]), at: "t")
        let error = #expect(throws: DataError.self) { try mark.check(schema([1, 0]), at: "t") }
        #expect(error?.code == .changedInput)
        #expect(error?.description.contains("holds vectors of another model of that name") == true)
    }
}
