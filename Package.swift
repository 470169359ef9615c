// swift-tools-version: 6.2
import PackageDescription

let features: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "Cortland",
    platforms: [.iOS(.v18), .macOS(.v15), .visionOS(.v2)],
    products: [
        .library(name: "Cortland", targets: ["Cortland"]),
        .library(name: "CortlandTesting", targets: ["CortlandTesting"]),
    ],
    targets: [
        // The sources of the command line where they lie; tests/swift_package_test.py compares with CMake's list.
        .target(
            name: "CCortland",
            path: ".",
            sources: ["src/capi/app", "src/host", "src/portable", "src/text"],
            publicHeadersPath: "include",
            cxxSettings: [.headerSearchPath("src")]
        ),
        .target(
            name: "Cortland", dependencies: ["CCortland"], path: "swift/Sources/Cortland", swiftSettings: features
        ),
        .target(
            name: "CortlandTesting", dependencies: ["Cortland"], path: "swift/Sources/CortlandTesting",
            swiftSettings: features
        ),
        .testTarget(
            name: "CortlandTests", dependencies: ["Cortland", "CortlandTesting"], path: "swift/Tests/CortlandTests",
            swiftSettings: features
        ),
    ],
    cxxLanguageStandard: .cxx20
)
