import CMartlet
import MartletSystem

extension CallError {
    /// The error in memory of its own, for `martlet_error_free`; nil without memory.
    func exported() -> UnsafeMutablePointer<martlet_error>? {
        guard let memory = malloc(MemoryLayout<martlet_error>.size) else { return nil }
        let error = memory.bindMemory(to: martlet_error.self, capacity: 1)
        error.initialize(
            to: martlet_error(
                status: status.rawValue, code: UnsafePointer(CText.copy(code)),
                message: UnsafePointer(CText.copy(message)),
                remedy: UnsafePointer(remedy.flatMap { CText.copy($0.text) }),
                file: UnsafePointer(file.flatMap(CText.copy)),
                index: Int64(index ?? -1)))
        return error
    }
}

/// The address where a caller wants an error.
public typealias ErrorPlace = UnsafeMutablePointer<UnsafeMutablePointer<martlet_error>?>

/// Runs the body of a call and turns its error into a status.
func call(_ place: ErrorPlace?, _ body: () throws -> Void) -> Int32 {
    place?.pointee = nil
    do {
        try body()
        return Status.ok.rawValue
    } catch {
        let error = CallError(error)
        place?.pointee = error.exported()
        return error.status.rawValue
    }
}

@_cdecl("martlet_error_free")
public func martlet_error_free(_ error: UnsafeMutablePointer<martlet_error>?) {
    guard let error else { return }
    for text in [error.pointee.code, error.pointee.message, error.pointee.remedy, error.pointee.file] {
        free(UnsafeMutablePointer(mutating: text))
    }
    free(error)
}

@_cdecl("martlet_string_free")
public func martlet_string_free(_ string: UnsafeMutablePointer<CChar>?) { free(string) }
