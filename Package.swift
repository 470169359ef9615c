// swift-tools-version: 6.2
import PackageDescription

let features: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Where there is no Core ML, a module that is called like it and behaves like it runs packages through the interpreter,
// which is a library that CMake builds. Who has it sets CORTLAND_STAND_IN=1, and PKG_CONFIG_PATH (scripts/swift_test);
// without it the package has no CortlandCoreML on Linux.
#if os(Linux)
    let standsIn = Context.environment["CORTLAND_STAND_IN"] == "1"
    let hasCoreML = standsIn
#else
    let standsIn = false
    let hasCoreML = true
#endif

// The sources of the command line where they lie; tests/swift_package_test.py compares with CMake's list. scripts/swift_test
// compiles them as CMake unites them, in a third of the time.
let core = ["src/capi/app", "src/host", "src/portable", "src/text"]
let united = Context.environment["CORTLAND_UNITED"].map { [$0] }

var products: [Product] = [
    .library(name: "Cortland", targets: ["Cortland"]),
    .library(name: "CortlandStore", targets: ["CortlandStore"]),
    .library(name: "CortlandUI", targets: ["CortlandUI"]),
    .library(name: "CortlandTesting", targets: ["CortlandTesting"]),
]
var targets: [Target] = [
    .target(
        name: "CCortland", path: ".", sources: united ?? core, publicHeadersPath: "include",
        cxxSettings: [.headerSearchPath("src")]
    ),
    .target(name: "Cortland", dependencies: ["CCortland"], path: "swift/Sources/Cortland", swiftSettings: features),
    .target(
        name: "CortlandStore", dependencies: ["Cortland"], path: "swift/Sources/CortlandStore", swiftSettings: features
    ),
    // The views need SwiftUI, or on Linux what has its names; the models behind them need neither.
    .target(
        name: "CortlandUI", dependencies: ["Cortland", "CortlandStore"] + (standsIn ? ["SwiftUIStandIn"] : []),
        path: "swift/Sources/CortlandUI", exclude: hasCoreML ? [] : ["Views"], swiftSettings: features
    ),
    .target(
        name: "CortlandTesting", dependencies: ["Cortland"], path: "swift/Sources/CortlandTesting",
        swiftSettings: features
    ),
    .testTarget(
        name: "CortlandTests",
        dependencies: ["Cortland", "CortlandStore", "CortlandTesting", "CortlandUI"]
            + (standsIn
                ? ["CortlandFoundationModels", "FoundationModelsStandIn", "CortlandCoreML", "CoreMLStandIn"] : []),
        path: "swift/Tests/CortlandTests",
        exclude: (standsIn ? [] : ["CoreML", "FoundationModels"]) + (hasCoreML ? [] : ["Mirror"]),
        swiftSettings: features
    ),
]
if hasCoreML {
    products += [
        .library(name: "CortlandCoreML", targets: ["CortlandCoreML"]),
        .library(name: "CortlandFoundationModels", targets: ["CortlandFoundationModels"]),
        .executable(name: "cortland-swift", targets: ["cortland-swift"]),
    ]
    targets += [
        .target(
            name: "CortlandCoreML", dependencies: ["Cortland"] + (standsIn ? ["CoreMLStandIn"] : []),
            path: "swift/Sources/CortlandCoreML", swiftSettings: features
        ),
        // For the sessions of FoundationModels; empty before the SDK of iOS 27.
        .target(
            name: "CortlandFoundationModels",
            dependencies: ["Cortland"] + (standsIn ? ["FoundationModelsStandIn"] : []),
            path: "swift/Sources/CortlandFoundationModels", swiftSettings: features
        ),
        .executableTarget(
            name: "cortland-swift", dependencies: ["Cortland", "CortlandCoreML"],
            path: "swift/Sources/cortland-swift", swiftSettings: features
        ),
    ]
}
if standsIn {
    targets += [
        .target(
            name: "CoreMLStandIn", dependencies: ["CCortlandInterp"], path: "swift/Sources/CoreMLStandIn",
            swiftSettings: features
        ),
        .target(
            name: "FoundationModelsStandIn", path: "swift/Sources/FoundationModelsStandIn", swiftSettings: features
        ),
        .target(name: "SwiftUIStandIn", path: "swift/Sources/SwiftUIStandIn", swiftSettings: features),
        // The one file of the app, which Xcode builds on Apple systems.
        .executableTarget(
            name: "CortlandApp", dependencies: ["CortlandCoreML", "CortlandUI", "SwiftUIStandIn"],
            path: "app/Cortland",
            exclude: [
                "Assets.xcassets", "Cortland.entitlements", "Info.plist", "Localizable.xcstrings",
                "PrivacyInfo.xcprivacy",
            ],
            sources: ["CortlandApp.swift"], swiftSettings: features
        ),
        .systemLibrary(name: "CCortlandInterp", path: "swift/Sources/CCortlandInterp", pkgConfig: "cortland_interp"),
    ]
}

let package = Package(
    name: "Cortland",
    platforms: [.iOS(.v18), .macOS(.v15), .visionOS(.v2)],
    products: products,
    targets: targets,
    cxxLanguageStandard: .cxx20
)
