import Foundation
import Glibc
import Testing

/// A run of the built program that the test interferes with.
final class RunningProgram {
  struct End {
    var reason: Process.TerminationReason
    var status: Int32
    var output: String
    var errors: String
    /// The workers that outlived the program.
    var workersLeft: [Int32]
  }

  /// Whether a program can be the first process of a namespace of its own, as in a container.
  static let canBeProcess1: Bool = {
    let unshare = Process()
    unshare.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    unshare.arguments = ["--pid", "--fork", "true"]
    unshare.standardError = FileHandle.nullDevice
    guard (try? unshare.run()) != nil else { return false }
    unshare.waitUntilExit()
    return unshare.terminationStatus == 0
  }()

  private let process = Process()
  private let files = ScratchFolder()
  private let isProcess1: Bool
  private var workers: [Int32] = []

  init(_ arguments: String..., in folder: ScratchFolder, asProcess1: Bool = false) throws {
    isProcess1 = asProcess1
    let program = ProgramRun.program
    process.executableURL = asProcess1 ? URL(fileURLWithPath: "/usr/bin/unshare") : program
    process.arguments = (asProcess1 ? ["--pid", "--fork", "--kill-child", program.path] : []) + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files.write("", to: "out")))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files.write("", to: "err")))
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// The program itself, where the test's own child only starts it.
  private var program: Int32? {
    isProcess1 ? Self.children(of: process.processIdentifier).first : process.processIdentifier
  }

  private static func children(of parent: Int32) -> [Int32] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { Int32($0) }.filter { process in
      // After the name, in parentheses, come the state and the parent.
      let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
      let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
      return fields.count > 1 && Int32(fields[1]) == parent
    }
  }

  /// Waits until the program has so many workers: then it handles signals, or will within the delay of its first files.
  func hasWorkers(_ count: Int) async throws {
    while true {
      try #require(process.isRunning, "it ended too early")
      if let program, handlesSignals(program) {
        workers = Self.children(of: program)
        if workers.count == count { return }
      }
      try await Task.sleep(for: .milliseconds(3))
    }
  }

  /// Whether `SIGINT` would be caught.
  private func handlesSignals(_ process: Int32) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
    return caught.flatMap { UInt64($0, radix: 16) }.map { $0 >> UInt64(SIGINT - 1) & 1 == 1 } ?? false
  }

  func signal(_ number: Int32) {
    if let program { kill(program, number) }
  }

  /// Waits for the end, and sends a signal again and again meanwhile.
  func ended(signallingWith number: Int32? = nil) async throws -> End {
    while process.isRunning {
      if let number { signal(number) }
      try await Task.sleep(for: .milliseconds(20))
    }
    // The kernel kills them when their parent has ended, and needs a moment.
    var left = workers
    for _ in 0..<1000 where !left.isEmpty {
      left.removeAll { kill($0, 0) != 0 }
      try await Task.sleep(for: .milliseconds(10))
    }
    return End(
      reason: process.terminationReason, status: process.terminationStatus,
      output: try String(contentsOfFile: files.path + "/out", encoding: .utf8),
      errors: try String(contentsOfFile: files.path + "/err", encoding: .utf8), workersLeft: left)
  }
}
