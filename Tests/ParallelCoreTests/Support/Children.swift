import Glibc
import ParallelCore
import SystemPackage

extension SpawnPlan {
  /// A shell that runs `script`; `arguments` are its `$1` and so on.
  static func shell(_ script: String, _ arguments: [UInt8]...) -> SpawnPlan {
    SpawnPlan(
      path: "/bin/sh",
      arguments: [Array("sh".utf8), Array("-c".utf8), Array(script.utf8), Array("sh".utf8)] + arguments,
      environment: [Array("PATH=/usr/bin:/bin".utf8)])
  }

  /// Starts the process and returns what it wrote to its standard output, up to its end, and its status.
  func run() throws -> (output: [UInt8], status: ProcessExitStatus) {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    defer { SystemCalls.close(readEnd) }
    var plan = self
    plan.descriptors[1] = writeEnd
    let child: SpawnedProcess
    do {
      defer { SystemCalls.close(writeEnd) }
      child = try plan.spawn()
    }
    let output = try readToEnd(readEnd)
    return (output, child.waitForEnd())
  }

  func lines() throws -> [String] {
    String(decoding: try run().output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension SpawnedProcess {
  /// Waits, reaps, and closes the descriptor.
  func waitForEnd() -> ProcessExitStatus {
    SystemCalls.waitForInput(pidfd)
    defer { SystemCalls.close(pidfd) }
    return reap()?.status ?? .unknown
  }
}

/// Reads up to the end of the stream, which comes when the last holder of its other end has closed it.
func readToEnd(_ descriptor: FileDescriptor) throws -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = try buffer.withUnsafeMutableBytes { try SystemCalls.read(descriptor, into: $0) }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

/// Lists the descriptors of the process that runs it as "number target", without the one that the listing itself needs.
let descriptorListing = "exec ls -l /proc/self/fd"

/// What `descriptorListing` says: the target of each number.
func parseDescriptorListing(_ lines: [String]) -> [Int32: String] {
  var targets: [Int32: String] = [:]
  for line in lines {
    let words = line.split(separator: " ")
    guard let arrow = words.firstIndex(of: "->"), let number = Int32(words[arrow - 1]) else { continue }
    let target = words[(arrow + 1)...].joined(separator: " ")
    let isOwnListing = target.hasPrefix("/proc/") && target.hasSuffix("/fd")
    if !isOwnListing { targets[number] = target }
  }
  return targets
}
