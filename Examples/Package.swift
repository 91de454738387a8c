// swift-tools-version: 6.2

import PackageDescription

/// The same rules as in the library's own package.
let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A program in `Folder/Sources` and its tests in `Folder/Tests`.
func example(_ folder: String, _ dependencies: Target.Dependency...) -> [Target] {
  [
    .executableTarget(
      name: folder,
      dependencies: [
        .product(name: "Parallel", package: "swift-parallel"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + dependencies,
      path: "\(folder)/Sources",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "\(folder)Tests",
      dependencies: [.target(name: folder), .product(name: "Parallel", package: "swift-parallel")],
      path: "\(folder)/Tests",
      swiftSettings: swiftSettings),
  ]
}

let package = Package(
  name: "swift-parallel-examples",
  products: [
    .executable(name: "wordcount", targets: ["WordCount"]),
    .executable(name: "threading", targets: ["Threading"]),
    .executable(name: "thumbnails", targets: ["Thumbnails"]),
    .executable(name: "upload-server", targets: ["UploadServer"]),
  ],
  dependencies: [
    .package(name: "swift-parallel", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: example("WordCount") + example("Threading") + example("Thumbnails")
    + example(
      "UploadServer", .product(name: "FlyingFox", package: "FlyingFox"),
      .product(name: "FlyingSocks", package: "FlyingFox")),
  swiftLanguageModes: [.v6]
)
