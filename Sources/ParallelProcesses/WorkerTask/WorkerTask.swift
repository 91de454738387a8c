/// Work that runs in another process: its input is what the value stores, its result is what `run` returns.
///
/// Any `Codable` type can be a task, also a private or generic one and one that is declared inside a function; nothing
/// has to be registered. If `run` traps, the pool reports it as the failure of this one task.
///
/// ```swift
/// struct Checksum: WorkerTask {
///   var bytes: [UInt8]
///   func run() -> UInt32 {
///     bytes.reduce(0) { $0 &* 31 &+ UInt32($1) }
///   }
/// }
///
/// let pool = try ProcessPool()
/// let sum = try await pool.run(Checksum(bytes: [1, 2, 3]))
/// ```
///
/// The worker is a copy of this executable in which `main` has not run. So `run` must not read variables of
/// `main.swift` (they are never initialised there); static properties and globals of other files work, and what `main`
/// would have prepared goes into a ``WorkerSetup``.
public protocol WorkerTask<Output>: Codable, Sendable {
  /// What the task results in; it travels back as a message.
  associatedtype Output: Codable & Sendable

  /// Does the work, in a worker process.
  ///
  /// A synchronous function is a fine witness and costs no thread hop: it runs on the worker's lane thread. An error
  /// thrown here arrives at the caller with its own type if that is `Codable`, else as a ``WorkerFailure``.
  func run() async throws -> Output
}

/// What a worker does once before its first task: read a model, fill a cache, configure logging.
///
/// ```swift
/// struct LoadDictionary: WorkerSetup {
///   var path: FilePath
///   func run() throws { try Dictionary.shared.load(path) }
/// }
///
/// let pool = try ProcessPool(setup: LoadDictionary(path: "/usr/share/dict/words"))
/// ```
///
/// It runs in every worker, replacements included. If it throws, traps or exits, the pool fails with that reason at once:
/// starting the same worker again would only repeat it. A worker that is killed meanwhile (`SIGKILL`) is tried again; the
/// third in a row ends the pool.
public protocol WorkerSetup: Codable, Sendable {
  /// Prepares the worker process.
  func run() async throws
}
