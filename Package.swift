// swift-tools-version: 6.2
import PackageDescription

// Layers, bottom to top; a target may import only what stands above it in this file. ARCHITECTURE.md says why.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// The kernels are correct at any level; -O3 keeps debug builds fast enough to test on real models.
let kernels: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra"]), .treatAllWarnings(as: .error)]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "MartletTestSupport"] + dependencies, resources: resources,
        swiftSettings: strict)
}

let http: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HummingbirdTLS", package: "hummingbird"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "Logging", package: "swift-log"),
    .product(name: "CoreMetrics", package: "swift-metrics"),
    .product(name: "Tracing", package: "swift-distributed-tracing"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
]

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "Martlet", targets: ["Martlet"]),
        .library(name: "MartletMiniLM", targets: ["MartletMiniLM"]),
        .library(name: "MartletHub", targets: ["MartletHub"]),
        .library(name: "MartletServer", targets: ["MartletServer"]),
        .executable(name: "martlet", targets: ["MartletCLI"]),
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
        // Layer 0: SIMD kernels in C; JSON text.
        .target(name: "CMartletKernels", cSettings: kernels),
        target("MartletJSON"),
        // Layer 1: memory, threads, the typed face of the kernels; text to token ids.
        target("MartletCompute", ["CMartletKernels"]),
        target("MartletTokenizers", ["MartletJSON"]),
        // Layer 2: files to named tensors.
        target("MartletWeights", ["MartletCompute", "MartletJSON", "CMartletKernels"]),
        // Layer 3: architectures.
        target("MartletModels", ["MartletCompute", "MartletWeights", "MartletJSON"]),
        // Layer 4: the public face.
        target("Martlet", ["MartletModels", "MartletTokenizers", "MartletWeights", "MartletCompute", "MartletJSON"]),
        .target(name: "CMartletMiniLM", exclude: ["data"]),
        target("MartletMiniLM", ["Martlet", "MartletCompute", "CMartletMiniLM"]),
        // Layer 5: models from a hub.
        target(
            "MartletHub",
            [
                "Martlet", "MartletModels", "MartletWeights", "MartletJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Layer 5: HTTP.
        .target(name: "CMartletPage", exclude: ["page"]),
        target(
            "MartletServer",
            ["Martlet", "MartletHub", "MartletModels", "MartletTokenizers", "MartletJSON", "MartletCompute", "CMartletPage"] + http),
        // Layer 6: the command.
        .executableTarget(
            name: "MartletCLI",
            dependencies: [
                "Martlet", "MartletMiniLM", "MartletHub", "MartletServer", "MartletTokenizers", "MartletJSON", "MartletCompute",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: strict),
        // The work that the speed gate counts instructions and allocations of; no product.
        .executableTarget(
            name: "MartletGates", dependencies: ["Martlet", "MartletMiniLM", "MartletTokenizers", "MartletJSON"],
            path: "Benchmarks/gates/Sources", swiftSettings: strict),
        .target(name: "MartletTestSupport", path: "Tests/MartletTestSupport", swiftSettings: strict),
        tests(of: "MartletJSON"),
        tests(of: "MartletCompute", ["CMartletKernels"]),
        tests(of: "MartletTokenizers", ["MartletJSON"], resources: [.copy("Goldens")]),
        tests(of: "MartletWeights", ["MartletCompute", "CMartletKernels"], resources: [.copy("Goldens")]),
        tests(of: "MartletModels", ["MartletCompute", "MartletWeights", "MartletJSON"]),
        tests(of: "Martlet", ["MartletMiniLM", "MartletModels", "MartletTokenizers", "MartletWeights", "MartletJSON", "MartletCompute"]),
        tests(
            of: "MartletHub",
            [
                "Martlet", "MartletModels", "MartletJSON", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests(
            of: "MartletServer",
            [
                "Martlet", "MartletMiniLM", "MartletJSON", "MartletCompute",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ] + http),
        tests(
            of: "MartletCLI",
            ["Martlet", "MartletHub", "MartletServer", "MartletJSON", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    ],
    cLanguageStandard: .c11
)
