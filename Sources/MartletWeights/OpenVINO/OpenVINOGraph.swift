/// The operations of an OpenVINO model, as openvino_model.xml lists them (IR 10 and 11), and what each reads.
struct OpenVINOGraph {
    struct Layer {
        var name = ""
        var type = ""
        /// The attributes of `<data>`.
        var data: [String: String] = [:]
        /// The layers that its inputs come from, by port.
        var inputs: [Int: Int] = [:]

        /// What comes into the first, second, … port.
        var ordered: [Int] { inputs.sorted { $0.key < $1.key }.map(\.value) }
    }

    private(set) var layers: [Int: Layer] = [:]

    /// The layers by their numbers: what is found in this order is the same in each run.
    var layersInOrder: [(id: Int, layer: Layer)] {
        layers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(WeightError) {
        var tags = XMLTags(bytes)
        var path: [String] = []
        var current: Int?
        do throws(XMLTags.Damage) {
            while let tag = try tags.next() {
                if tag.isEnd {
                    guard path.last == tag.name else {
                        throw XMLTags.Damage(
                            reason: "an end of \(tag.name) where none is open", offset: tags.offset)
                    }
                    path.removeLast()
                    continue
                }
                try read(tag, path, &current, at: tags.offset)
                if !tag.isEmpty { path.append(tag.name) }
                guard path.count < 64 else {
                    throw XMLTags.Damage(
                        reason: "tags inside each other more than 64 times", offset: tags.offset)
                }
            }
            guard path.isEmpty else {
                throw XMLTags.Damage(reason: "an end inside \(path[0])", offset: tags.offset)
            }
        } catch {
            throw .malformed(
                file, "the file is no OpenVINO model: \(error.reason) (byte \(error.offset))")
        }
        guard !layers.isEmpty else {
            throw .malformed(file, "the file is no OpenVINO model: it has no layers")
        }
    }

    private mutating func read(
        _ tag: XMLTags.Tag, _ path: [String], _ current: inout Int?, at offset: Int
    )
        throws(XMLTags.Damage)
    {
        func number(_ key: String) throws(XMLTags.Damage) -> Int {
            guard let number = tag.attributes[key].flatMap({ Int($0) }) else {
                throw XMLTags.Damage(reason: "a \(tag.name) without a number \(key)", offset: offset)
            }
            return number
        }
        switch (path, tag.name) {
        case (["net", "layers"], "layer"):
            let id = try number("id")
            var layer = Layer()
            layer.name = tag.attributes["name"] ?? ""
            layer.type = tag.attributes["type"] ?? ""
            layers[id] = layer
            current = id
        case (["net", "layers", "layer"], "data"):
            if let current { layers[current]?.data = tag.attributes }
        case (["net", "edges"], "edge"):
            let (from, to) = (try number("from-layer"), try number("to-layer"))
            layers[to]?.inputs[try number("to-port")] = from
        default: break
        }
    }
}
