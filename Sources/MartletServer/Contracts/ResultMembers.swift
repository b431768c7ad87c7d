#if Server

internal import Martlet
internal import MartletJSON

/// Members that change the result of a request, of all servers whose clients are answered. A route that does
/// not read one refuses it by name; other members that it does not know are ignored, as clients send more
/// than any server reads.
enum ResultMembers {
    /// Each with the values that ask for what happens without it.
    static let all: [String: [JSONValue]] = [
        // The length and the numbers of a vector.
        "dimensions": [], "output_dimension": [], "output_dimensionality": [], "normalize": [],
        "normalized": [], "embd_normalize": [2], "encoding_format": ["float"], "embedding_type": ["float"],
        "embedding_types": [["float"]], "output_dtype": ["float"], "embed_dtype": ["float32"],
        "endianness": ["native", "little"], "return_multivector": [false], "return_embeddings": [false],
        // What is read of a text.
        "truncate": [true, "end"], "truncation": [true], "truncation_direction": ["right"],
        "truncate_prompt_tokens": [], "max_tokens": [], "max_tokens_per_doc": [], "max_doc_length": [],
        "max_query_length": [], "num_ctx": [],
        "max_chunks_per_doc": [1], "max_chunk_per_doc": [1], "overlap_tokens": [],
        "rank_fields": [["text"]], "late_chunking": [false], "add_special_tokens": [true],
        "parse_special": [true], "skip_special_tokens": [true],
        // What is put around a text.
        "prompt": [], "prompt_name": [], "input_type": ["none"], "task": [], "task_type": [],
        "text_type": [], "instruction": [], "instruct": [],
        // Scores, and how many of them.
        "raw_scores": [false], "function_to_apply": [], "activation": [true], "use_activation": [true],
        "softmax": [true], "top_n": [], "top_k": [], "return_documents": [false], "return_text": [false],
        // Inputs other than text, and members of members.
        "modality": ["text"], "images": [[]], "image": [], "parameters": [.object(JSONObject())],
    ]

    /// What an object may have beside a text that no model here reads.
    static let otherContent = [
        "image", "image_url", "image_base64", "audio", "audio_url", "input_audio", "video", "video_url",
        "pdf",
        "multimodal_data",
    ]

    /// Whether a value asks for what happens without the member.
    static func isDefault(_ value: JSONValue, of name: String) -> Bool {
        let lower = value.string.map { JSONValue.string($0.lowercased()) } ?? value
        return all[name]?.contains(lower) ?? true
    }
}

extension RequestFields {
    /// - Parameters:
    ///   - read: The members that the route reads.
    ///   - route: Its name, for messages.
    /// - Throws: For a member that would change the result and is not read.
    func check(read: Set<String>, by route: String) throws(ServiceError) {
        for member in object.members where ResultMembers.all[member.key] != nil && !read.contains(member.key)
        {
            guard let value = value(member.key), !ResultMembers.isDefault(value, of: member.key) else {
                continue
            }
            throw .invalid(
                member.key,
                "\(member.key) would change the result, and \(route) does not read it; leave it out")
        }
        // Ollama's way to say how much of a text is read.
        if !read.contains("options"), object["options"]?["num_ctx"] != nil {
            throw .invalid(
                "options",
                "options.num_ctx would change the result, and \(route) does not read it; leave it out")
        }
    }

    /// - Throws: For a member that is not read.
    func checkOwn(read: Set<String>, by route: String) throws(ServiceError) {
        for member in object.members where !read.contains(member.key) {
            throw .invalid(
                member.key,
                "\(route) has no member \(member.key.quotedForMessage); it has \(read.sorted().joined(separator: ", "))"
            )
        }
    }
}

extension Schema {
    /// The names of an object's members; those of all objects where there is a choice.
    var members: Set<String> {
        switch self {
        case .object(let members, _): Set(members.map(\.name))
        case .oneOf(let choices, _): choices.reduce(into: []) { $0.formUnion($1.members) }
        case .nullable(let schema): schema.members
        default: []
        }
    }
}

#endif
