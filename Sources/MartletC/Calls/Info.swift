import CMartlet
import Martlet
import MartletIndex
import MartletJSON

@_cdecl("martlet_info")
public func martlet_info(
    _ handle: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        switch try HandleTable.shared.entry(handle) {
        case .model(let model): try write(JSONValue(model.info, model.model), to: json)
        case .collection(let collection): try write(JSONValue(try collection.collection.snapshot()), to: json)
        }
    }
}

/// Hands a JSON text to the caller.
func write(_ value: JSONValue, to place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?)
    throws(CallError)
{
    guard let place else { throw .argument("json is NULL") }
    guard let text = CText.copy(value.text) else {
        throw CallError(.io, "no_memory", "no memory for the answer")
    }
    place.pointee = text
}

extension JSONValue {
    fileprivate init(_ info: ModelInfo, _ model: LoadedModel) {
        let prompts = info.prompts.sorted { $0.key < $1.key }
        self = .object([
            "name": .string(info.name), "path": .string(info.path), "kind": .string(info.kind.rawValue),
            "architecture": .string(info.architecture), "layers": .integer(info.layers),
            "hidden_size": .integer(info.hiddenSize), "parameters": .integer(info.parameters),
            "vocabulary_size": .integer(info.vocabularySize), "weights": .string(info.weightType),
            "dimensions": .integer(info.dimensions),
            "most_dimensions": .integer(max(info.dimensions, info.mostDimensions)),
            "max_tokens": .integer(info.maxTokens),
            "pooling": .array(info.pooling.map { .string($0.rawValue) }),
            "normalizes": .bool(info.normalizes),
            "similarity": .string(info.similarity.rawValue),
            "prompts": .object(pairs: prompts.map { ($0.key, .string($0.value)) }),
            "default_prompt": info.defaultPromptName.map(JSONValue.string) ?? .null,
            "labels": .array(info.labels.map(JSONValue.string)),
            "score_activation": .string(info.scoreActivation),
            "tasks": .array(info.tasks.map(JSONValue.string)),
            "task": info.task.map(JSONValue.string) ?? .null,
            "tokenizer": .string(info.tokenizer), "precision": .string(info.precision),
            "instruction_set": .string(info.instructionSet), "threads": .integer(info.threads),
            "working_memory_limit": .integer(info.workingMemoryLimit), "pipeline": .string(info.pipeline),
            "notes": .array(info.notes.map(JSONValue.string)),
        ])
    }

    fileprivate init(_ snapshot: Snapshot) {
        let settings = snapshot.settings
        let fields = snapshot.fields.types.sorted { $0.key < $1.key }
        self = .object([
            "records": .integer(snapshot.count), "model": .string(settings.identity.model),
            "fingerprint": .string(settings.identity.fingerprint),
            "dimensions": .integer(settings.dimensions),
            "similarity": .string(settings.similarity.rawValue),
            "store": .string(settings.store.rawValue),
            "language": .string(settings.language.rawValue), "bytes": .integer(snapshot.bytesOnDisk),
            "segments": .integer(snapshot.segmentCount),
            "fields": .object(pairs: fields.map { ($0.key, .string($0.value.rawValue)) }),
        ])
    }
}
