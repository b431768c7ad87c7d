#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletIndex
internal import MartletJSON
internal import MartletSystem

/// A picture of a collection.
enum MapRoute {
    private static let point = Schema.object(
        [
            .required("id", .string("")), .required("x", .number("")), .required("y", .number("")),
            .required("fields", .object([], "")),
            .required("text", .string("at most its first \(longestText) bytes")),
        ], "")

    private static let longestText = 400

    static let route = Route(
        .post, "/v1/collections/{name}/map", .own,
        "A sample of the records in a plane, so that like ones are near each other",
        request: .object(
            [
                .optional("count", .nullable(.integer(1...5000, "records wanted; 500 by default"))),
                .optional("filter", .nullable(.string("a condition on fields"))),
                .optional(
                    "ids", .nullable(.array(.string(""), 0...5000, "records that are to be among them"))),
            ], ""),
        response: .object(
            [
                .required("points", .array(point)),
                .required("share", .number("of the variance that the two axes have, from 0 to 1")),
            ], ""), isGuarded: true
    ) { call in
        let snapshot = try await call.collection().snapshot()
        let fields = try await call.fields()
        let count = try fields.integer("count", in: 1...5000) ?? 500
        let ids = try fields.strings("ids", limit: 5000) ?? []
        var filter: Filter?
        if let text = try fields.string("filter") {
            do throws(IndexError) { filter = try Filter(text) } catch {
                throw ServiceError(error, parameter: "filter")
            }
        }
        let condition = filter
        let map = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            do throws(IndexError) {
                return try snapshot.map(count: count, filter: condition, including: ids)
            } catch { throw ServiceError(error) }
        }
        return try await call.written(bytes: 256 + map.points.count * (longestText + 256)) {
            () throws(ServiceError) in
            JSONValue.object([
                "points": .array(
                    map.points.map { point in
                        .object([
                            "id": .string(point.id), "x": .float(point.x),
                            "y": .float(point.y), "fields": point.fields.json,
                            "text": .string(String(point.text.prefix(bytes: longestText))),
                        ])
                    }), "share": .float(map.share),
            ]).bytes
        }
    }
}

#endif
