/// The metadata of a GGUF file: typed lookups by key. A key that is absent and a value of another type are
/// both nil.
package struct GGUFMetadata: Sendable {
    /// In the order of the file.
    package private(set) var keys: [String] = []
    private var values: [String: GGUFValue] = [:]

    /// False if the key is there already.
    mutating func insert(_ value: GGUFValue, for key: String) -> Bool {
        guard values.updateValue(value, forKey: key) == nil else { return false }
        keys.append(key)
        return true
    }

    package subscript(key: String) -> GGUFValue? { values[key] }

    package func string(_ key: String) -> String? { values[key]?.string }
    package func int(_ key: String) -> Int? { values[key]?.int }
    package func double(_ key: String) -> Double? { values[key]?.double }
    package func bool(_ key: String) -> Bool? { values[key]?.bool }
    package func strings(_ key: String) -> [String]? { stringArray(key)?.strings() }
    package func stringArray(_ key: String) -> GGUFStringArray? { values[key]?.array?.strings }
    package func ints(_ key: String) -> [Int]? { values[key]?.array?.ints }
    package func floats(_ key: String) -> [Float]? { values[key]?.array?.floats }
    package func bools(_ key: String) -> [Bool]? { values[key]?.array?.bools }
}
