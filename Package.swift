// swift-tools-version: 6.2

import PackageDescription

/// Continuous integration builds with PARALLEL_STRICT=1; a user's build never fails over a new compiler's warning.
let isStrict = Context.environment["PARALLEL_STRICT"] != nil

/// One list for every target, so that a rule of the language holds everywhere or nowhere.
let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

let cSettings: [CSetting] =
  [.define("PARALLEL_AUTOMATIC_BOOTSTRAP", .when(traits: ["AutomaticBootstrap"]))]
  + (isStrict ? [.treatAllWarnings(as: .error)] : [])

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

/// `notes` are design notes that stand beside the code they explain.
func library(_ name: String, _ dependencies: [Target.Dependency], notes: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: notes, swiftSettings: swiftSettings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.target(name: name), "TestSupport", system] + dependencies,
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "swift-parallel",
  products: [
    .library(name: "Parallel", targets: ["Parallel"]),
    .library(name: "ParallelThreads", targets: ["ParallelThreads"]),
    .library(name: "ParallelFutures", targets: ["ParallelFutures"]),
    .library(name: "ParallelCommands", targets: ["ParallelCommands"]),
    .library(name: "ParallelProcesses", targets: ["ParallelProcesses"]),
  ],
  traits: [
    .trait(
      name: "AutomaticBootstrap",
      description: "Workers start without a hook in main. Switch it off for a fully static executable."),
    .trait(
      name: "LockOrderChecks",
      description:
        "Release builds find locks that wait for themselves or deadlock by their order, as debug builds do."),
    .default(enabledTraits: ["AutomaticBootstrap"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
  ],
  targets: [
    .target(name: "CParallel", cSettings: cSettings),
    library(
      "ParallelCore", ["CParallel", system, deque, heap],
      notes: ["Coding/MessageFormat.md", "Locking/Mutex.md"]),
    library("ParallelThreads", ["CParallel", "ParallelCore"], notes: ["ReadWriteLock/ReadWriteLock.md"]),
    library("ParallelFutures", ["ParallelCore", deque]),
    library("ParallelCommands", ["ParallelCore", "ParallelThreads", system]),
    library(
      "ParallelProcesses", ["CParallel", "ParallelCore", "ParallelFutures", system, deque, heap],
      notes: ["Lane/Ring/Ring.md"]),
    library(
      "Parallel", ["ParallelThreads", "ParallelFutures", "ParallelCommands", "ParallelProcesses", system]),
    .target(
      name: "TestSupport", dependencies: ["ParallelCore", system], path: "Tests/TestSupport",
      swiftSettings: swiftSettings),
    tests(of: "ParallelCore"),
    tests(of: "ParallelThreads", ["CParallel", "ParallelCore"]),
    tests(of: "ParallelFutures", ["ParallelCore"]),
    tests(of: "ParallelCommands", ["ParallelCore", "ParallelThreads"]),
    tests(of: "ParallelProcesses", ["Parallel", "ParallelCore", "ParallelFutures"]),
  ],
  swiftLanguageModes: [.v6]
)
