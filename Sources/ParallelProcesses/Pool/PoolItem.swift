import ParallelCore
import SystemPackage

/// One task in a pool, from its submission to its outcome. Owns its message and the message's descriptors.
final class PoolItem: @unchecked Sendable {
  // Sendable: `stage` and `sequence` are touched under the pool's lock only, everything else is immutable.

  enum Stage: Equatable {
    case waiting
    case sent(worker: Int)
    case finished
  }

  let type: TaskType
  let sink: any ItemSink
  let message: EncodedMessage
  var stage = Stage.waiting
  /// Its number on the lane that it was last sent over.
  var sequence: UInt64 = 0

  /// The message, where it is large; `message` is empty then.
  let memory: SealedMemory?

  init(type: TaskType, message: EncodedMessage, sink: any ItemSink) {
    self.type = type
    memory = message.inSealedMemory
    self.message = memory == nil ? message : EncodedMessage(bytes: [])
    self.sink = sink
  }

  deinit { message.descriptors.forEach(SystemCalls.close) }
}

/// Where an item's outcome goes. Called on the reactor, once: it must neither block nor call the user's code.
protocol ItemSink: Sendable {
  func complete(_ outcome: ItemOutcome)
}

/// How an item ended.
enum ItemOutcome: Sendable {
  /// The worker's answer, not yet decoded.
  case answer(Answer)
  case failed(any Error)
}
