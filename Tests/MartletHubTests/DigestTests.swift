#if Hub

import Testing

@testable import MartletHub

/// The names that git and Git LFS give to files: `git hash-object --stdin` and `sha256sum`.
@Suite struct DigestTests {
    static let examples: [(String, String, String)] = [
        (
            "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ),
        (
            "abc", "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "199f24ed041a6af4d09fa175444712eb1849af8d",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000), "a50be72b20f0e3f078d252e8e56b11b4bec67509",
            "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
        ),
    ]

    @Test(arguments: examples)
    func `known digests, however the bytes are cut`(text: String, blob: String, sha256: String) {
        let bytes = Array(text.utf8)
        for step in [1, 7, 63, 64, 65, 4096] {
            var first = ContentDigest.Hasher(.gitBlob, size: bytes.count)
            var second = ContentDigest.Hasher(.sha256, size: bytes.count)
            for start in stride(from: 0, to: bytes.count, by: step) {
                bytes[start..<min(start + step, bytes.count)].withUnsafeBytes {
                    first.update($0)
                    second.update($0)
                }
            }
            #expect(first.finish() == blob)
            #expect(second.finish() == sha256)
        }
    }

    /// `printf 'hello\n' | git hash-object --stdin`
    @Test func `git's name of a file`() {
        var hasher = ContentDigest.Hasher(.gitBlob, size: 6)
        Array("hello\n".utf8).withUnsafeBytes { hasher.update($0) }
        #expect(hasher.finish() == "ce013625030ba8dba906f756967f9e9ca394464a")
    }

    @Test func `entity tags`() {
        let (short, long) = (String(repeating: "a", count: 40), String(repeating: "0", count: 64))
        #expect(ContentDigest(entityTag: "\"\(short)\"")?.kind == .gitBlob)
        #expect(ContentDigest(entityTag: "W/\"\(long)\"")?.kind == .sha256)
        #expect(
            ContentDigest(entityTag: long.replacing("0", with: "B"))?.hexadecimal
                == String(repeating: "b", count: 64))
        for bad in [
            "", "\"\"", "\"", "W/", "\"\(short)a\"", "\"../../../../../../../../../../etc/passwd12\"",
            "\"\(long)", "\u{ff21}\(short)",
        ] {
            #expect(ContentDigest(entityTag: bad) == nil, "\(bad)")
        }
    }
}

#endif
