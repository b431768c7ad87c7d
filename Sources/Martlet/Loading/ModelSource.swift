package import MartletSystem

/// Where a model's weights, tokenizer and pipeline come from.
public struct ModelSource: Sendable {
    package enum Place: Sendable {
        /// A folder as sentence-transformers and transformers save it, or a GGUF file.
        case path(String)
        /// A GGUF file that lies in memory.
        case memory(MemoryRegion, name: String)
    }
    package let place: Place
    /// What is known of the model beside its files.
    package var published: PublishedFacts?

    /// A model folder (`config.json`, `model.safetensors`, `tokenizer.json`, `modules.json`, …) or a GGUF
    /// file.
    public static func path(_ path: String) -> ModelSource { ModelSource(place: .path(path)) }

    /// A GGUF file inside the binary.
    package static func embedded(_ region: MemoryRegion, name: String) -> ModelSource {
        ModelSource(place: .memory(region, name: name))
    }
}
