internal import MartletJSON

/// The configuration files of a model folder, each read once: every part of Martlet that asks what a folder
/// says asks here.
package struct FolderConfiguration: Sendable {
    package let folder: ModelFolder
    /// The modules of modules.json; nil: there is no such file.
    package let modules: [ModelModule]?
    /// Of a model with a `Router` among its modules; nil where one of its routes was chosen.
    package let routes: ModuleRoutes?
    /// The folder of the encoder's files inside the model folder; empty for the model folder itself.
    package let encoderFolder: String
    /// config.json of the model folder.
    package let root: ConfigFile?
    /// config.json of the encoder's folder.
    package let encoder: ConfigFile?
    /// sentence_bert_config.json of the encoder's folder, under any of its names.
    package let text: ConfigFile?
    /// config_sentence_transformers.json
    package let model: ConfigFile?
    /// tokenizer_config.json of the encoder's folder.
    package let tokenizer: ConfigFile?
    /// adapter_config.json of the encoder's folder.
    let adapter: AdapterConfiguration?
    /// The folder with config.json and the weights, where the encoder's own holds an adapter alone.
    let base: ModelFolder?

    /// The names that sentence-transformers has used for the settings of a Transformer module over the years.
    package static let textNames = [
        "bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet",
    ].map {
        "sentence_\($0)_config.json"
    }

    /// - Parameters:
    ///   - chosen: The encoder's folder, where the caller knows it; nil: what the modules say.
    ///   - route: The route of a `Router` whose modules are put in its place; nil: it stays.
    package init(_ folder: ModelFolder, encoderFolder chosen: String? = nil, route: String? = nil)
        throws(MartletError)
    {
        self.folder = folder
        let file = folder.path(of: "modules.json")
        let modules = try folder.json("modules.json").map { (json) throws(MartletError) in
            try ModelModule.list(json, file: file)
        }
        let place = modules.flatMap { ModuleRoutes.place(in: $0) }
        var found: ModuleRoutes?
        if let place, let modules { found = try ModuleRoutes(folder, path: modules[place].path) }
        if let found, let route, let own = found[route], let place, var all = modules {
            all.replaceSubrange(place...place, with: own)
            (self.modules, routes) = (all, nil)
        } else {
            (self.modules, routes) = (modules, found)
        }
        let listed = (self.modules ?? []) + (routes?.modules ?? [])
        let first = routes == nil ? listed.first : listed.first { $0.name.hasSuffix("Transformer") }
        encoderFolder = chosen ?? first?.path ?? ""
        let prefix = encoderFolder
        let name = Self.textNames.map { ModelFolder.join(prefix, $0) }.first(where: folder.contains)
        let text = try name.flatMap { (name) throws(MartletError) in try folder.config(name) }
        self.text = text
        let inner = prefix.isEmpty ? folder : ModelFolder(path: folder.path(of: prefix))
        let adapter = try inner.config(AdapterConfiguration.fileName).map { (file) throws(MartletError) in
            try AdapterConfiguration(file)
        }
        self.adapter = adapter
        let holdsModel = inner.contains("config.json")
        let base = holdsModel ? nil : try adapter?.baseFolder(beside: inner)
        self.base = base
        let own = try (base ?? inner).config("config.json")
        root = prefix.isEmpty ? own : try folder.config("config.json")
        encoder = try own?.overlaid(by: text, ["config_kwargs", "config_args"])
        model = try folder.config("config_sentence_transformers.json")
        let settings = ModelFolder.join(prefix, "tokenizer_config.json")
        var plain = try folder.config(settings)
        if plain == nil { plain = try base?.config("tokenizer_config.json") }
        if plain == nil, text != nil {
            plain = ConfigFile(path: folder.path(of: settings), object: JSONObject())
        }
        tokenizer = try plain?.overlaid(by: text, ["processor_kwargs", "tokenizer_args"])
    }

    /// config.json of the encoder, or an error that says what its folder holds instead.
    package func requireEncoder() throws(MartletError) -> ConfigFile {
        if let encoder { return encoder }
        let inner = encoderFolder.isEmpty ? folder : ModelFolder(path: folder.path(of: encoderFolder))
        return try inner.requireConfig("config.json", for: "the encoder's sizes")
    }

    /// The encoder's folder.
    var encoderPlace: ModelFolder {
        encoderFolder.isEmpty ? folder : ModelFolder(path: folder.path(of: encoderFolder))
    }

    /// The folder of the tokenizer: that of an adapter's base, where the adapter's own has none.
    var tokenizerPlace: ModelFolder {
        ModelFileNames.tokenizers.contains(where: encoderPlace.contains)
            ? encoderPlace : base ?? encoderPlace
    }

    /// Beginnings of names of tensors in the encoder's file that its own layers do not have, and that are
    /// read.
    var otherTensors: [String] {
        architectures.contains("HF_ColBERT") || architectures.contains(PipelineDescription.projectingClass)
            ? ["linear."] : []
    }

    /// `architectures` of the encoder's config.json, such as "BertForSequenceClassification".
    package var architectures: [String] { encoder?["architectures"]?.array?.compactMap(\.string) ?? [] }
}

extension ConfigFile {
    /// The members of a file, with those of an object in another file in their place: arguments that
    /// sentence-transformers passes on to what reads the file.
    fileprivate func overlaid(by other: ConfigFile?, _ keys: [String]) throws(MartletError) -> ConfigFile {
        guard let other else { return self }
        var members = object.members
        for key in keys {
            guard let value = other[key] else { continue }
            guard let arguments = value.object else { throw other.wrongKind(key, "an object", value) }
            // A later member of the same name counts. No file may allow code to run.
            members += arguments.members.filter { $0.key != "trust_remote_code" }
        }
        return members.count == object.members.count
            ? self : ConfigFile(path: path, object: JSONObject(members))
    }
}

extension ModelFolder {
    /// The path of a file in a folder inside the model folder; an empty folder is the model folder.
    package static func join(_ folder: String, _ file: String) -> String {
        folder.isEmpty ? file : folder + "/" + file
    }
}
