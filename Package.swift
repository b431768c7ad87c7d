// swift-tools-version: 6.2
import PackageDescription

// Layers, bottom to top; a target may import only what stands above it in this file. ARCHITECTURE.md says
// why.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// The kernels are correct at any level; -O3 keeps debug builds fast enough to test on real models.
let kernels: [CSetting] = [
    .unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra"]), .treatAllWarnings(as: .error),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "MartletTestSupport"] + dependencies,
        resources: resources,
        swiftSettings: strict)
}

/// A product of another package, which is resolved and built only where the trait is on.
func product(_ name: String, of package: String, for trait: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: [trait]))
}

let nio: [Target.Dependency] = [
    product("NIOCore", of: "swift-nio", for: "Hub"),
    product("NIOHTTP1", of: "swift-nio", for: "Hub"),
    product("NIOPosix", of: "swift-nio", for: "Hub"),
]

let http: [Target.Dependency] =
    nio + [
        product("Hummingbird", of: "hummingbird", for: "Server"),
        product("HummingbirdCore", of: "hummingbird", for: "Server"),
        product("HummingbirdTLS", of: "hummingbird", for: "Server"),
        product("ServiceLifecycle", of: "swift-service-lifecycle", for: "Server"),
        product("Logging", of: "swift-log", for: "Server"),
        product("CoreMetrics", of: "swift-metrics", for: "Server"),
        product("Tracing", of: "swift-distributed-tracing", for: "Server"),
        product("NIOSSL", of: "swift-nio-ssl", for: "Server"),
        product("HTTPTypes", of: "swift-http-types", for: "Server"),
        product("NIOHTTPTypes", of: "swift-nio-extras", for: "Server"),
        product("NIOHTTPTypesHTTP1", of: "swift-nio-extras", for: "Server"),
        product("NIOHTTPCompression", of: "swift-nio-extras", for: "Server"),
    ]

/// The commit that `martlet --version` names. Scripts/package says it; a build without it names none.
let commit = (Context.environment["MARTLET_COMMIT"] ?? "").filter(\.isHexDigit)

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "Martlet", targets: ["Martlet"]),
        .library(name: "MartletMiniLM", targets: ["MartletMiniLM"]),
        .library(name: "MartletChunking", targets: ["MartletChunking"]),
        .library(name: "MartletIndex", targets: ["MartletIndex"]),
        .library(name: "MartletData", targets: ["MartletData"]),
        .library(name: "MartletJobs", targets: ["MartletJobs"]),
        .library(name: "MartletHub", targets: ["MartletHub"]),
        .library(name: "MartletServer", targets: ["MartletServer"]),
        // The C interface. Scripts/c-library makes a library of it that needs nothing but the system's C
        // library.
        .library(name: "CMartlet", type: .static, targets: ["CMartlet", "MartletC"]),
        .executable(name: "martlet", targets: ["MartletCLI"]),
    ],
    traits: [
        .trait(name: "Command", description: "The options of the command martlet."),
        .trait(
            name: "Hub",
            description: "Pulls models from a hub: the part of MartletHub that opens connections."),
        .trait(name: "Server", description: "MartletServer, which answers HTTP.", enabledTraits: ["Hub"]),
        // A client of the library resolves no other package unless it asks for more.
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    ],
    targets: [
        // Layer 0: SIMD kernels in C; what the system gives; JSON text; the visible text of HTML.
        .target(name: "CMartletKernels", cSettings: kernels),
        target("MartletSystem"),
        target("MartletJSON"),
        target("MartletHTML"),
        // Layer 1: memory, threads, the typed face of the kernels; text to token ids.
        target("MartletCompute", ["MartletSystem", "CMartletKernels"]),
        target("MartletTokenizers", ["MartletJSON"]),
        // Layer 2: files to named tensors.
        target("MartletWeights", ["MartletSystem", "MartletJSON", "CMartletKernels"]),
        // Layer 3: architectures.
        target("MartletModels", ["MartletCompute", "MartletWeights", "MartletSystem", "MartletJSON"]),
        // Layer 4: the public face.
        target(
            "Martlet",
            [
                "MartletModels", "MartletTokenizers", "MartletWeights", "MartletCompute", "MartletSystem",
                "MartletJSON",
            ]),
        .target(name: "CMartletMiniLM", exclude: ["data"]),
        target("MartletMiniLM", ["Martlet", "MartletSystem", "CMartletMiniLM"]),
        // Layer 4: HTTP requests, repeated where that can help.
        target(
            "MartletHTTP",
            [
                "MartletJSON", "MartletSystem",
                product("AsyncHTTPClient", of: "async-http-client", for: "Hub"),
                product("NIOSSL", of: "swift-nio-ssl", for: "Hub"),
            ] + nio),
        // Layer 5: records, sources and sinks.
        target(
            "MartletData", ["Martlet", "MartletCompute", "MartletSystem", "MartletJSON", "MartletHTML"]),
        // Layer 5: models from a hub.
        target(
            "MartletHub",
            [
                "Martlet", "MartletHTTP", "MartletModels", "MartletWeights", "MartletSystem", "MartletJSON",
                product("AsyncHTTPClient", of: "async-http-client", for: "Hub"),
                product("Crypto", of: "swift-crypto", for: "Hub"),
            ] + nio),
        // Layer 5: models of providers, over HTTP.
        target("MartletProviders", ["Martlet", "MartletHTTP", "MartletJSON"]),
        // Layer 5: documents to chunks.
        target("MartletChunking", ["Martlet", "MartletTokenizers", "MartletHTML"]),
        // Layer 5: vectors and words on disk, searched.
        target(
            "MartletIndex", ["Martlet", "MartletCompute", "MartletSystem", "MartletJSON", "CMartletKernels"]),
        // Layer 6: a source, a model and a sink, with a log.
        target("MartletJobs", ["MartletData", "MartletIndex", "Martlet", "MartletSystem", "MartletJSON"]),
        // Layer 6: SQLite and PostgreSQL as sources and sinks.
        target("MartletSQL", ["MartletData", "Martlet", "MartletSystem", "MartletJSON"]),
        // Layer 6: vector databases over HTTP as sinks.
        target("MartletVectorStores", ["MartletData", "MartletHTTP", "Martlet", "MartletJSON"]),
        // Layer 7: HTTP.
        .target(name: "CMartletPage", exclude: ["page"]),
        target(
            "MartletServer",
            [
                "Martlet", "MartletHub", "MartletHTTP", "MartletProviders", "MartletChunking", "MartletIndex",
                "MartletModels", "MartletTokenizers", "MartletJSON",
                "MartletCompute", "MartletSystem", "CMartletPage",
            ] + http),
        // Layer 7: the C interface: its header, and its functions over the public library.
        .target(name: "CMartlet", exclude: ["exports.txt"]),
        target(
            "MartletC",
            [
                "CMartlet", "Martlet", "MartletMiniLM", "MartletHub", "MartletChunking", "MartletIndex",
                "MartletJSON", "MartletSystem",
            ]),
        // Layer 8: the command.
        .target(name: "CMartletBuild", cSettings: [.define("MARTLET_COMMIT", to: commit)]),
        .executableTarget(
            name: "MartletCLI",
            dependencies: [
                "CMartletBuild",
                "Martlet", "MartletMiniLM", "MartletData", "MartletJobs", "MartletSQL", "MartletProviders",
                "MartletVectorStores", "MartletHTTP", "MartletHub", "MartletChunking",
                "MartletIndex",
                "MartletServer",
                "MartletTokenizers", "MartletJSON", "MartletCompute", "MartletSystem",
                product("ArgumentParser", of: "swift-argument-parser", for: "Command"),
                product("CoreMetrics", of: "swift-metrics", for: "Server"),
            ],
            swiftSettings: strict),
        // The work that the speed gate counts instructions and allocations of; no product.
        .executableTarget(
            name: "MartletGates",
            dependencies: ["Martlet", "MartletMiniLM", "MartletTokenizers", "MartletSystem", "MartletJSON"],
            path: "Benchmarks/gates/Sources", swiftSettings: strict),
        // Searches over real texts, measured by Benchmarks/search/run; no product.
        .executableTarget(
            name: "MartletSearchBench",
            dependencies: ["Martlet", "MartletMiniLM", "MartletIndex", "MartletCompute", "MartletSystem"],
            path: "Benchmarks/search/Sources",
            swiftSettings: strict),
        // Chunkers on one thread, beside those of Benchmarks/chunking/run; no product.
        .executableTarget(
            name: "MartletChunkingBenchmark",
            dependencies: ["Martlet", "MartletMiniLM", "MartletChunking", "MartletSystem", "MartletJSON"],
            path: "Benchmarks/chunking/Sources", swiftSettings: strict),
        // The public API as a program outside of the package sees it: plain imports.
        .testTarget(
            name: "APITests",
            dependencies: [
                "Martlet", "MartletMiniLM", "MartletChunking", "MartletIndex", "MartletData", "MartletJobs",
            ],
            swiftSettings: strict),
        .target(
            name: "MartletTestSupport", dependencies: ["Martlet", "MartletCompute", "MartletSystem"],
            path: "Tests/MartletTestSupport",
            swiftSettings: strict),
        tests(of: "MartletSystem"),
        tests(of: "MartletJSON"),
        tests(of: "MartletCompute", ["MartletSystem", "CMartletKernels"]),
        tests(of: "MartletTokenizers", ["MartletSystem", "MartletJSON"], resources: [.copy("Goldens")]),
        tests(of: "MartletWeights", ["MartletSystem", "CMartletKernels"], resources: [.copy("Goldens")]),
        tests(of: "MartletModels", ["MartletCompute", "MartletWeights", "MartletSystem", "MartletJSON"]),
        tests(
            of: "Martlet",
            [
                "MartletMiniLM", "MartletModels", "MartletTokenizers", "MartletWeights", "MartletJSON",
                "MartletCompute", "MartletSystem",
            ]),
        tests(of: "MartletChunking", ["Martlet", "MartletMiniLM", "MartletTokenizers", "MartletJSON"]),
        tests(
            of: "MartletIndex", ["MartletSystem", "MartletJSON", "CMartletKernels"],
            resources: [.copy("Goldens")]),
        tests(of: "MartletData", ["MartletJSON", "MartletSystem"], resources: [.copy("Goldens")]),
        tests(of: "MartletHTTP", nio),
        tests(of: "MartletProviders", ["Martlet", "MartletHTTP", "MartletJSON"]),
        tests(of: "MartletVectorStores", ["Martlet", "MartletData", "MartletHTTP", "MartletJSON"]),
        tests(of: "MartletSQL", ["Martlet", "MartletData", "MartletJSON", "MartletSystem"]),
        tests(of: "MartletJobs", ["Martlet", "MartletData", "MartletIndex", "MartletJSON", "MartletSystem"]),
        tests(
            of: "MartletHub",
            ["Martlet", "MartletHTTP", "MartletModels", "MartletJSON", "MartletSystem"] + nio),
        tests(
            of: "MartletServer",
            [
                "Martlet", "MartletHTTP", "MartletMiniLM", "MartletIndex", "MartletJSON", "MartletCompute",
                "MartletSystem", product("HummingbirdTesting", of: "hummingbird", for: "Server"),
                product("InMemoryTracing", of: "swift-distributed-tracing", for: "Server"),
            ] + http),
        tests(of: "MartletC", ["CMartlet", "Martlet", "MartletMiniLM", "MartletSystem"]),
        tests(
            of: "MartletCLI",
            [
                "Martlet", "MartletData", "MartletHub", "MartletIndex", "MartletServer", "MartletJSON",
                "MartletSystem",
                product("ArgumentParser", of: "swift-argument-parser", for: "Command"),
            ]),
    ],
    cLanguageStandard: .c11
)
