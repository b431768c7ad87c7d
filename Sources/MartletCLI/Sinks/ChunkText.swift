#if Command

import Martlet
import MartletChunking
import MartletData
import MartletJSON

/// A chunk as `martlet chunk` prints it: its id is its own, so that what reads the lines keeps all of them.
enum ChunkText {
    static func appendJSON(_ chunk: Chunk, of record: Record, _ vector: Embedding?, to buffer: inout [UInt8])
    {
        switch record.id {
        case .none: buffer += "{\"index\":\(record.index)".utf8
        case .text(let id):
            buffer += "{\"id\":".utf8
            JSONText.append("\(id)#\(chunk.index)", to: &buffer)
            buffer += ",\"document\":".utf8
            JSONText.append(id, to: &buffer)
        case .literal(let id): buffer += "{\"id\":\"\(id)#\(chunk.index)\",\"document\":\(id)".utf8
        }
        buffer +=
            ",\"chunk\":\(chunk.index),\"start\":\(chunk.range.lowerBound),\"end\":\(chunk.range.upperBound)"
            .utf8
        if chunk.overlap > 0 { buffer += ",\"overlap\":\(chunk.overlap)".utf8 }
        buffer += ",\"line\":\(chunk.line),\"headings\":[".utf8
        for (index, heading) in chunk.headings.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            JSONText.append(heading, to: &buffer)
        }
        buffer += "],\"tokens\":\(chunk.tokens),\"text\":".utf8
        JSONText.append(chunk.text, to: &buffer)
        if let vector {
            buffer += ",\"embedding\":".utf8
            vector.withUnsafeBufferPointer { JSONText.append($0, to: &buffer) }
        }
        buffer += "}\n".utf8
    }

    /// `FILE:LINE  TITLE › TITLE  84 tokens`, and the beginning of the text below.
    static func appendText(_ chunk: Chunk, of record: Record, to buffer: inout [UInt8]) {
        // A record's own line is where it begins in its file; a file is a document from its first line on.
        let place = record.line > 0 ? "\(record.place), line \(chunk.line)" : "\(record.place):\(chunk.line)"
        let parts = [place, chunk.headings.joined(separator: " › "), Format.count(chunk.tokens, "token")]
            .filter { !$0.isEmpty }
        buffer +=
            "\(Console.oneLine(parts.joined(separator: "  ")))\n  \(Format.excerpt(chunk.text, width: 96))\n"
            .utf8
    }
}

#endif
