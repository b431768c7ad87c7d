#if Server

internal import MartletJSON
internal import NIOCore

extension Call {
    /// The texts of the first of these members that is there: at least one, read on a thread of its own if
    /// the body is long.
    func texts(anyOf names: [String], of fields: RequestFields) async throws -> (
        inputs: TextInputs, parameter: String
    ) {
        guard let (parameter, value) = try fields.value(anyOf: names) else {
            let name = names.first ?? "input"
            throw ServiceError.invalid(
                name, "\(name): expected a string, a list of strings or token ids, found nothing")
        }
        let limit = server.configuration.maxClientBatch
        let inputs = try await offloaded(bytes: body.readableBytes) { () throws(ServiceError) in
            try TextInputs(value, parameter: parameter, limit: limit)
        }
        guard !inputs.texts.isEmpty else {
            throw ServiceError(
                .empty, "\(parameter): expected at least one text, found an empty list", parameter: parameter)
        }
        return (inputs, parameter)
    }
}

#endif
