import CMartlet
import MartletHub
import MartletJSON

@_cdecl("martlet_known_models")
public func martlet_known_models(
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) { try write(.array(KnownModels.all.map(JSONValue.init)), to: json) }
}

extension JSONValue {
    fileprivate init(_ model: KnownModel) {
        self = .object([
            "name": .string(model.name), "repository": .string(model.repository),
            "aliases": .array(model.aliases.map(JSONValue.string)), "kind": .string(model.kind.rawValue),
            "family": .string(model.family),
            "dimensions": model.dimensions.map(JSONValue.integer) ?? .null,
            "max_tokens": .integer(model.maxTokens),
            "query_prompt": model.queryPrompt.map(JSONValue.string) ?? .null,
            "document_prompt": model.documentPrompt.map(JSONValue.string) ?? .null,
            "millions": .integer(model.millions), "license": .string(model.license),
        ])
    }
}
