internal import MartletSystem

/// A library of the system that is opened when it is needed, so that the package builds without it. It stays
/// open.
package struct DynamicLibrary {
    private let handle: UnsafeMutableRawPointer

    /// The first of the names that can be opened; nil if there is none.
    package init?(_ names: [String]) {
        for name in names {
            if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
                self.handle = handle
                return
            }
        }
        return nil
    }

    /// The function called `name`. `type` must be its type in C.
    package func function<T>(_ name: String, as type: T.Type) -> T? {
        dlsym(handle, name).map { unsafeBitCast($0, to: type) }
    }
}
