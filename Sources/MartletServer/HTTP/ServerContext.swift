#if Server

internal import Hummingbird
internal import NIOCore

/// What Hummingbird gives a request on its way.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

#endif
