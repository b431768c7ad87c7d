#if Command

import Testing

@testable import MartletCLI

@Suite struct BuildFactsTests {
    @Test func `the first line is the version alone, for scripts`() {
        let facts = BuildFacts(version: "1.2.3", commit: "0b0c471", features: ["Command", "Hub"])
        #expect(facts.description == "1.2.3\ncommit    0b0c471\nfeatures  Command, Hub")
    }

    @Test func `a build that was not told its commit names none`() {
        let facts = BuildFacts(version: "1.2.3", commit: "", features: ["Command"])
        #expect(facts.description == "1.2.3\nfeatures  Command")
    }

    @Test func `the commit is hexadecimal and the features are the traits`() {
        let facts = BuildFacts.current
        #expect(facts.commit.allSatisfy { $0.isHexDigit })
        #if Server
        #expect(facts.features == ["Command", "Hub", "Server"])
        #else
        #expect(!facts.features.contains("Server"))
        #endif
    }
}

#endif
