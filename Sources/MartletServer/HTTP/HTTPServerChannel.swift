#if Server

internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// The handlers of a connection, from bytes to requests.
struct HTTPServerChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: HTTPChannelHandler.Responder
    let connections: Connections
    let timeouts: ExchangeHandler.Timeouts
    /// The most bytes of a body that was compressed.
    let mostBodyBytes: Int
    var isSecure = false

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let connection = connections.add(channel)
            let decoders = DecoderChain()
            let pipeline = channel.pipeline.syncOperations
            var encoding = HTTPResponseEncoder.Configuration()
            encoding.automaticallySetFramingHeaders = false
            try pipeline.addHandler(HTTPResponseEncoder(configuration: encoding))
            try decoders.add(to: pipeline)
            try pipeline.addHandler(ExchangeHandler(connection, decoders: decoders, timeouts: timeouts))
            try pipeline.addHandler(NIOHTTPRequestDecompressor(limit: .size(mostBodyBytes)))
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
            try pipeline.addHandler(ConnectionHandler(connection, connections, stallTimeout: timeouts.stall))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}

#endif
