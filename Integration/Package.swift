// swift-tools-version: 6.2

import PackageDescription

// The same program with either bootstrap; see `run`.
let isManual = Context.environment["MANUAL_BOOTSTRAP"] != nil

let package = Package(
  name: "Integration",
  dependencies: [.package(name: "swift-parallel", path: "..", traits: isManual ? [] : [.defaults])],
  targets: [
    .executableTarget(
      name: "isolation",
      dependencies: [.product(name: "Parallel", package: "swift-parallel")],
      swiftSettings: isManual ? [.define("MANUAL_BOOTSTRAP")] : [])
  ],
  swiftLanguageModes: [.v6]
)
