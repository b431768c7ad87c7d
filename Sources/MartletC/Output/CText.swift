import MartletSystem

/// Text of the C interface in memory of the C library, which `martlet_string_free` or the owner frees.
enum CText {
    /// A copy; nil only without memory.
    static func copy(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

    /// A string of the caller; nil for NULL.
    /// - Throws: If it is not UTF-8.
    static func read(_ text: UnsafePointer<CChar>?, _ name: String) throws(CallError) -> String? {
        guard let text else { return nil }
        guard let string = String(validatingCString: text) else { throw .argument("\(name) is not UTF-8") }
        return string
    }
}
