#if Server

internal import NIOCore
internal import NIOHTTP1

/// The parser of a connection's requests.
///
/// After a request that offers to upgrade, the parser waits for another protocol. The offer is not taken (RFC
/// 9110, 7.8: it can be ignored), so that a new parser takes its place, with the bytes that came meanwhile.
final class DecoderChain {
    private var decoder = DecoderChain.decoder()

    private static func decoder() -> ByteToMessageHandler<HTTPRequestDecoder> {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = limits.maxHeaderFieldSize
        return ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
    }

    func add(to pipeline: ChannelPipeline.SynchronousOperations) throws { try pipeline.addHandler(decoder) }

    func renew(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let next = Self.decoder()
        do {
            try pipeline.addHandler(next, position: .after(decoder))
        } catch {
            return context.close(promise: nil)
        }
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        pipeline.removeHandler(decoder).whenComplete { _ in
            // The bytes that went on to the next parser came with no end of a read.
            loopBound.value.fireChannelReadComplete()
        }
        decoder = next
    }
}

#endif
