#if Server

import HTTPTypes
import MartletJSON
import Testing

@testable import MartletServer

@Suite struct OpenAPITests {
    @Test func everyRouteIsDescribedOnce() async throws {
        let server = try TestServer.shared.get()
        let document = try await server.send(.get, "/openapi.json").json
        #expect(document["openapi"]?.string == "3.1.0")
        let paths = try #require(document["paths"]?.object)
        var described: Set<String> = []
        var names: Set<String> = []
        for path in paths.members {
            for operation in path.value.object?.members ?? [] {
                described.insert("\(operation.key.uppercased()) \(path.key)")
                let (isNew, _) = names.insert(operation.value["operationId"]?.string ?? "")
                #expect(isNew, "\(path.key)")
                #expect(operation.value["responses"]?["200"] != nil)
            }
        }
        #expect(
            described
                == Set(server.core.routes.filter { !$0.isAlias }.map { "\($0.method.rawValue) \($0.path)" }))
    }

    @Test func thePageNamesEveryRoute() async throws {
        let server = try TestServer.shared.get()
        let page = try await server.send(.get, "/docs")
        #expect(
            page.header("content-type") == "text/html; charset=utf-8"
                && page.text.hasPrefix("<!doctype html>"))
        for route in server.core.routes {
            #expect(page.text.contains(DocumentationPage.escaped(route.path)), "\(route.path)")
        }
        // Another way to a route is told at that route alone.
        for route in server.core.routes where route.isAlias {
            #expect(page.text.ranges(of: ">\(route.path)<").count == 1, "\(route.path)")
        }
        #expect(
            !page.text.contains("<script") && !page.text.contains("http://")
                && !page.text.contains("https://"))
    }

    @Test func routesAreUnique() throws {
        let routes = try TestServer.shared.get().core.routes.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(routes).count == routes.count)
    }
}

#endif
