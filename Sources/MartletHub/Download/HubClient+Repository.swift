#if Hub

internal import AsyncHTTPClient
internal import Martlet
internal import MartletJSON
internal import NIOCore
internal import NIOHTTP1

/// What a repository holds at a commit.
struct RepositoryListing: Sendable, Hashable {
    let commit: String
    /// Paths of all files.
    let files: [String]
}

/// What the hub says of a file before it is fetched.
struct RemoteFile: Sendable, Hashable {
    let path: String
    let size: Int
    let digest: ContentDigest
}

extension HubClient {
    private static let listLimit = 64 << 20
    /// No file of a model is larger; a size above it is nonsense.
    private static let sizeLimit = 1 << 50

    /// The files of a revision, and its commit.
    func listing(_ reference: ModelReference) async throws -> RepositoryListing {
        let revision = HubURL.encoded(reference.revision, keepingSlashes: false)
        let answer = try await send(
            .GET, endpoint.appending("api/models/\(reference.repository)/revision/\(revision)"))
        try check(answer, [200], reference)
        let bytes = try await bytes(answer, limit: Self.listLimit)
        let wrong: (String) -> HubError = { reason in
            HubError(
                .invalidResponse,
                "\(reference.repository): \(reason); is \(endpoint.text) a Hugging Face endpoint?",
                repository: reference.repository)
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(bytes)
        } catch {
            throw wrong("the list of its files is no JSON: \(error.message)")
        }
        guard let commit = value["sha"]?.string, SafePath.isCommit(commit) else {
            throw wrong("the list of its files names no commit of 40 hexadecimal digits")
        }
        guard let siblings = value["siblings"]?.array else {
            throw wrong("the list of its files has no \"siblings\"")
        }
        var files: [String] = []
        for sibling in siblings {
            guard let path = sibling["rfilename"]?.string else {
                throw wrong("a file of its list has no \"rfilename\"")
            }
            guard SafePath.isRelative(path) else {
                throw HubError(
                    .invalidResponse,
                    "\(reference.repository): the file name \(path.quotedForMessage) leads out of the model's folder",
                    repository: reference.repository)
            }
            files.append(path)
        }
        return RepositoryListing(commit: commit, files: files)
    }

    func address(of file: String, _ reference: ModelReference, commit: String) -> HubURL {
        endpoint.appending(
            "\(reference.repository)/resolve/\(commit)/\(HubURL.encoded(file, keepingSlashes: true))")
    }

    /// The first bytes of a file that has as many.
    func beginning(of file: String, count: Int, _ reference: ModelReference, commit: String) async throws
        -> [UInt8]
    {
        let answer = try await send(
            .GET, address(of: file, reference, commit: commit), headers: [("Range", "bytes=0-\(count - 1)")])
        try check(answer, [200, 206], reference, file: file)
        var bytes: [UInt8] = []
        do {
            for try await buffer in answer.body {
                bytes += buffer.readableBytesView.prefix(count - bytes.count)
                // A server that knows no ranges would send the whole file.
                if bytes.count == count { return bytes }
            }
        } catch {
            throw try Self.failure(error, answer.url)
        }
        throw TransientFailure(message: "\(answer.url.origin): the connection was closed")
    }

    /// Size and digest of a file. The hub itself answers, even where the bytes lie on another host.
    func describe(_ file: String, _ reference: ModelReference, commit: String) async throws -> RemoteFile {
        let answer = try await send(.HEAD, address(of: file, reference, commit: commit)) {
            $0.contains(name: "X-Linked-Etag")
        }
        if !answer.headers.contains(name: "X-Linked-Etag") { try check(answer, [200], reference, file: file) }
        let wrong: (String) -> HubError = { reason in
            HubError(
                .invalidResponse,
                "\(reference.repository)/\(file): \(reason); is \(endpoint.text) a Hugging Face endpoint?",
                repository: reference.repository)
        }
        if let found = answer.headers.first(name: "X-Repo-Commit"), found != commit {
            throw wrong("is of commit \(found.quotedForMessage), and \(commit) was asked for")
        }
        let tag = answer.headers.first(name: "X-Linked-Etag") ?? answer.headers.first(name: "ETag")
        guard let digest = tag.flatMap({ ContentDigest(entityTag: $0) }) else {
            throw wrong("has no digest to check it by (ETag \((tag ?? "none").quotedForMessage))")
        }
        let length =
            answer.headers.first(name: "X-Linked-Size") ?? answer.headers.first(name: "Content-Length")
        guard let size = length.flatMap({ Int($0) }), size >= 0, size <= Self.sizeLimit else {
            throw wrong("has no size (\((length ?? "none").quotedForMessage))")
        }
        return RemoteFile(path: file, size: size, digest: digest)
    }
}

#endif
