import Testing

@testable import MartletVectorStores

@Suite struct StoreAddressTests {
    private func address(_ text: String, isSecure: Bool = false, collection: String? = nil) throws
        -> StoreAddress
    {
        try StoreAddress(text, isSecure: isSecure, port: 6333, collection: collection)
    }

    @Test func `addresses name a host, a port and a collection`() throws {
        #expect(try address("localhost").base == "http://localhost:6333")
        #expect(try address("localhost").collection == "embeddings")
        #expect(try address("localhost", collection: "x").collection == "x")
        let full = try address("db.example:99/proxy/notes", isSecure: true)
        #expect(full.base == "https://db.example:99/proxy" && full.collection == "notes")
        #expect(try address("db.example/notes", isSecure: true).base == "https://db.example")
        #expect(try address("[::1]/notes").base == "http://[::1]:6333")
        #expect(try address("h:1/notes/").collection == "notes")
    }

    @Test(arguments: ["", "/notes", "h:0/n", "h:x/n", "h:70000", "key@h/n", "h/n?api-key=1", "h/n#x"])
    func `what is no address is refused`(text: String) {
        #expect(throws: StoreAddress.Malformed.self) { try address(text) }
    }

    @Test func `two names of a collection are refused`() {
        #expect(throws: StoreAddress.Malformed.self) { try address("h/a", collection: "b") }
    }

    @Test func `names are one part of a path`() { #expect("a/b é".percentEncoded == "a%2Fb%20%C3%A9") }

    /// Python: `uuid.uuid5(uuid.NAMESPACE_DNS, name)`.
    @Test func `UUIDs follow from names as in Python`() {
        #expect(NameUUID(of: "python.org").text == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
        #expect(NameUUID(of: "").text == "4ebd0208-8328-5d69-8c44-ec50939c0967")
        #expect(
            NameUUID(of: String(repeating: "é", count: 100)).text == "1d2f3336-173f-59d7-a2e0-4299659f807e")
        #expect(NameUUID("not a uuid") == nil)
        #expect(
            NameUUID("886313E1-3B8A-5372-9B90-0C9AEE199E5D")?.text == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
    }
}
