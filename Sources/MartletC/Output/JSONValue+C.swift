import MartletJSON

extension JSONValue {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
