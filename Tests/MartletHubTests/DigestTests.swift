import Testing

@testable import MartletHub

/// The digests against the examples of FIPS 180-4 and NIST's secure hash standard validation, and against git.
@Suite struct DigestTests {
    static let examples: [(String, String, String)] = [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba",
            "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
        ),
    ]

    @Test(arguments: examples)
    func `known digests, however the bytes are cut`(text: String, sha1: String, sha256: String) {
        let bytes = Array(text.utf8)
        for step in [1, 7, 63, 64, 65, 4096] {
            var (first, second) = (SHA1(), SHA256())
            for start in stride(from: 0, to: bytes.count, by: step) {
                bytes[start..<min(start + step, bytes.count)].withUnsafeBytes {
                    first.update($0)
                    second.update($0)
                }
            }
            #expect(first.finish() == sha1)
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
        #expect(ContentDigest(entityTag: long.replacing("0", with: "B"))?.hexadecimal == String(repeating: "b", count: 64))
        for bad in [
            "", "\"\"", "\"", "W/", "\"\(short)a\"", "\"../../../../../../../../../../etc/passwd12\"", "\"\(long)", "\u{ff21}\(short)",
        ] {
            #expect(ContentDigest(entityTag: bad) == nil, "\(bad)")
        }
    }
}
