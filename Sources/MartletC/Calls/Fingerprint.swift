import CMartlet
import Martlet
import MartletIndex

@_cdecl("martlet_fingerprint")
public func martlet_fingerprint(
    _ handle: UInt64, _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        guard let text else { throw CallError.argument("text is NULL") }
        let fingerprint: String
        switch try HandleTable.shared.entry(handle) {
        case .collection(let collection): fingerprint = collection.identity.fingerprint
        case .model(let model): fingerprint = try model.fingerprint()
        }
        guard let copy = CText.copy(fingerprint) else {
            throw CallError(.io, "no_memory", "no memory for the answer")
        }
        text.pointee = copy
    }
}

extension OpenModel {
    fileprivate func fingerprint() throws(CallError) -> String {
        switch model {
        case .dense(let model): model.identity.space.fingerprint
        case .sparse(let model): model.identity.space.fingerprint
        case .multiVector(let model): model.identity.space.fingerprint
        case .contextual, .relevance: throw .kind(info, is: "vectors of texts alone")
        }
    }
}
