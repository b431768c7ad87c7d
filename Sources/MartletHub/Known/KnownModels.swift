internal import Martlet

/// The models that are known by name. To add one is to add a row to one of the lists beside this file.
///
/// A row holds what is published of a model; what is computed comes from the model's own files.
public enum KnownModels {
    /// Every row, by kind and then by family.
    public static let all: [KnownModel] =
        english + multilingual + large + `static` + sparse + multiVector + rerankers

    /// Names that stand for the same file in a registry of another program.
    private static let latest = ":latest"

    private static let byName: [String: KnownModel] = {
        var result: [String: KnownModel] = [:]
        for model in all {
            for name in [model.repository, model.name] + model.aliases { result[name.lowercased()] = model }
        }
        return result
    }()

    private static let byRepository = Dictionary(
        all.map { ($0.repository, $0) }, uniquingKeysWith: { first, _ in first })

    /// The model with that name, alias or repository, in any case of letters.
    public static func named(_ name: String) -> KnownModel? {
        let name = name.lowercased()
        return byName[name.hasSuffix(latest) ? String(name.dropLast(latest.count)) : name]
    }

    /// The row of a repository, or of the model that it is an export of.
    static func ofRepository(_ repository: String) -> KnownModel? {
        byRepository[repository] ?? KnownExports.origins[repository].flatMap { byRepository[$0] }
    }

    /// Names that hold a word, or that the word holds: for somebody who mistyped.
    static func similar(to word: String) -> [String] {
        let wanted = Array(word.lowercased().utf8.filter(SafePath.isWordByte))
        guard wanted.count >= 3 else { return [] }
        return all.map(\.name).filter { name in
            let plain = Array(name.lowercased().utf8.filter(SafePath.isWordByte))
            return distance(plain, wanted) <= max(1, wanted.count / 5)
                || (wanted.count >= 4 && contains(plain, wanted))
        }.prefix(4).map { $0 }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        text.count >= part.count
            && (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    /// Levenshtein's distance.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}

extension KnownModel {
    /// A row. The name is the repository's own, without its organisation, where no other is given.
    init(
        _ repository: String, as name: String? = nil, _ kind: ModelKind, _ family: String,
        dim dimensions: Int?, max maxTokens: Int,
        _ pooling: KnownPooling, _ millions: Int, _ license: String, query: String? = nil,
        document: String? = nil,
        also aliases: [String] = []
    ) {
        let own = repository.split(separator: "/").last.map(String.init) ?? repository
        self.repository = repository
        self.name = name ?? own
        self.aliases = (name == nil || name == own ? [] : [own]) + aliases
        self.kind = kind
        self.family = family
        self.dimensions = dimensions
        self.maxTokens = maxTokens
        self.pooling = pooling.pooling
        queryPrompt = query
        documentPrompt = document
        self.millions = millions
        self.license = license
    }
}
