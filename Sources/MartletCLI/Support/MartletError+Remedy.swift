#if Command

import Martlet

extension MartletError {
    /// The message, and the option that follows its advice.
    var messageForCommand: String { message + (remedy?.option.map { " (\($0))" } ?? "") }
}

extension Remedy {
    /// What to type, where an option or a command does it.
    fileprivate var option: String? {
        switch self {
        case .choosePooling: "--pooling"
        case .loadAs(.embedder): "martlet embed"
        case .loadAs(.sparse): "martlet embed --kind sparse"
        case .loadAs(.lateInteraction): "martlet embed --kind multi"
        case .loadAs(.reranker), .loadAs(.classifier): "martlet rerank"
        case .loadAs(.contextual):
            "martlet embed --corpus-sample FILE; the other commands and the server do not run such models"
        case .rankBySimilarity: "martlet rerank --by-similarity"
        case .dropTask, .chooseTask: "--task"
        case .limitTokens(let count): "--max-tokens \(count)"
        }
    }
}

#endif
