internal import CMartletMiniLM
public import Martlet
internal import MartletSystem

extension ModelSource {
    /// all-MiniLM-L6-v2, held inside the binary: 384 dimensions, texts up to 256 tokens, mean pooling, unit
    /// length.
    ///
    /// Nothing is read from disk or fetched. Source:
    /// <https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2>, converted to 8-bit blocks by `martlet
    /// convert`.
    public static var miniLM: ModelSource {
        let bytes = UnsafeRawBufferPointer(start: martlet_minilm_bytes(), count: martlet_minilm_size())
        return .embedded(MemoryRegion(unsafe: bytes, owner: nil), name: "all-MiniLM-L6-v2")
    }
}
