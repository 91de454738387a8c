import ParallelCore

/// What the parent knows of a task type: its number in messages, and how it travels.
final class TaskType: Sendable {
  /// The same in all pools of this process.
  let number: UInt64
  let name: String
  /// What a worker makes the type from.
  let reference: [UInt8]

  private init(number: UInt64, name: String, reference: [UInt8]) {
    self.number = number
    self.name = name
    self.reference = reference
  }

  private static func reference(to type: any Any.Type) throws(ParallelError) -> [UInt8] {
    do {
      return try TypeReference(type).bytes
    } catch {
      // The part that does not travel may be an argument of an argument: the task has to be named, too.
      let name = readableName(of: type)
      throw ParallelError(error.code, "the task type \(name) can't travel to a worker", underlying: error)
    }
  }

  private static let known = Guarded<[ObjectIdentifier: TaskType]>([:])

  /// Throws `.unsupported` where the type does not travel.
  static func of<T: WorkerTask>(_ type: T.Type) throws(ParallelError) -> TaskType {
    let key = ObjectIdentifier(type)
    if let entry = known.withLock({ $0[key] }) { return entry }
    let reference = try reference(to: type)
    return known.withLock { known in
      if let entry = known[key] { return entry }
      let entry = TaskType(
        number: UInt64(known.count + 1), name: readableName(of: type), reference: reference)
      known[key] = entry
      return entry
    }
  }
}

extension ParallelError {
  /// A task of this type does not travel because of its value.
  static func unencodable<T: WorkerTask>(_ task: T.Type, _ reason: any Error) -> ParallelError {
    ParallelError(.coding, "the task \(readableName(of: task)) can't be encoded", underlying: reason)
  }
}
