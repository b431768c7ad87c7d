import Martlet
import MartletMiniLM

/// The model that is used where none is named.
enum DefaultModel {
    static let name = "all-MiniLM-L6-v2"

    static var source: ModelSource { .miniLM }
}
