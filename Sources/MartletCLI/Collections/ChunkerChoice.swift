#if Command

import ArgumentParser
import Martlet
import MartletChunking

/// How files are cut into chunks.
enum ChunkerChoice: String, Sendable, CaseIterable, ExpressibleByArgument {
    case sentences, tokens, none

    func chunks(of document: Document, _ counter: ModelTokenCounter) async throws -> [MartletChunking.Chunk] {
        switch self {
        case .sentences: try SentenceChunker().chunks(of: document, measuring: counter)
        case .tokens: try TokenChunker().chunks(of: document, measuring: counter)
        case .none: WholeChunker().chunks(of: document, measuring: counter)
        }
    }
}

#endif
