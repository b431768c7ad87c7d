#if Server

package import MartletIndex

/// Collections that an agent searches: those of a server's folder, or one that the command has open.
package protocol SearchLibrary: Sendable {
    /// What the collections are called; the first is meant where a request names none.
    func names() async throws -> [String]
    /// The records that answer a question, the best first.
    func search(_ question: LibraryQuestion) async throws -> [Hit]
    /// The record with an id; nil if there is none.
    func record(_ id: String, in collection: String) async throws -> Record?
}

/// A question of an agent.
package struct LibraryQuestion: Sendable {
    package let text: String
    package let collection: String
    /// Hits wanted at most.
    package let count: Int
    package let filter: Filter?

    package init(text: String, collection: String, count: Int, filter: Filter?) {
        self.text = text
        self.collection = collection
        self.count = count
        self.filter = filter
    }
}

#endif
