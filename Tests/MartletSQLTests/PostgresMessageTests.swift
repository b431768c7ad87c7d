import Testing

@testable import MartletSQL

/// Messages of a server, which shows the line of the query and a mark below it.
struct PostgresMessageTests {
    @Test func `the query is told from where the mark is`() {
        let message = """
            ERROR:  relation "texts" does not exist
            LINE 1: SELECT * FROM (select id, body from texts) AS rows
                                                        ^
            """
        #expect(message.trimmedLines == #"ERROR:  relation "texts" does not exist; at "texts) AS rows""#)
        #expect("FATAL:  no\n  HINT: yes\n".trimmedLines == "FATAL:  no; HINT: yes")
        #expect("LINE 1 is wrong\n^".trimmedLines == "LINE 1 is wrong")
    }
}
