import Martlet

extension RerankOptions {
    /// The options of calls that score.
    init(_ json: UnsafePointer<CChar>?) throws(CallError) {
        self.init()
        guard json != nil else { return }
        var reader = try OptionReader(json)
        activation = try reader.choice("activation") ?? .native
        truncation = try reader.choice("truncation") ?? .native
        instruction = try reader.string("instruction")
        try reader.finish()
    }
}
