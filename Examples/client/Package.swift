// swift-tools-version: 6.2
import PackageDescription

// A program that uses Martlet. It asks for libraries alone, so no other package is resolved or built.
let package = Package(
    name: "client",
    platforms: [.macOS(.v15), .iOS(.v18)],
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "embed-texts",
            dependencies: [
                .product(name: "Martlet", package: "martlet"),
                .product(name: "MartletMiniLM", package: "martlet"),
            ]),
        .executableTarget(
            name: "search-notes",
            dependencies: [
                .product(name: "Martlet", package: "martlet"),
                .product(name: "MartletMiniLM", package: "martlet"),
                .product(name: "MartletChunking", package: "martlet"),
                .product(name: "MartletIndex", package: "martlet"),
            ]),
        .executableTarget(name: "own-model", dependencies: [.product(name: "Martlet", package: "martlet")]),
    ]
)
