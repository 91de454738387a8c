import ParallelCore
import SystemPackage

/// The way of answers to the parent, for one task after the other. Lane thread only.
final class AnswerWriter {
  /// Within a batch the parent is not woken for each result, but after so many nanoseconds.
  private static let ringInterval: UInt64 = 200_000

  /// The number of this process, as it stands in errors.
  let worker: Int32
  private let channel: WorkerChannel
  private var sequence: UInt64 = 0
  private var isInBatch = false
  private var lastRing = Deadline(nanoseconds: 0)
  /// When the present task was begun, which is when the one before it in the batch ended.
  private(set) var start = Deadline(nanoseconds: 0)

  init(_ channel: WorkerChannel, worker: Int32) {
    self.channel = channel
    self.worker = worker
  }

  func begin(_ sequence: UInt64, at time: Deadline, isBatch: Bool) {
    self.sequence = sequence
    start = time
    lastRing = time
    isInBatch = isBatch
  }

  /// All tasks of the batch have their answers.
  func endBatch() { channel.ringParent() }

  /// What the task has returned. Throws where that can't be encoded: then nothing was sent.
  func send(_ output: some Encodable) throws {
    let alone = try MessageEncoder().withEncoded(output) { message -> OutgoingMessage? in
      guard message.descriptors.isEmpty, message.byteCount <= RingProducer.largestPayload else {
        return OutgoingMessage(message)
      }
      let header = FrameHeader(
        length: message.byteCount, kind: .result, descriptorCount: 0, sequence: sequence, value: takeTime())
      channel.sendQuietly(header, message)
      return nil
    }
    if let alone { return send(alone) }
    guard !isInBatch || start.nanoseconds - lastRing.nanoseconds >= Self.ringInterval else { return }
    lastRing = start
    channel.ringParent()
  }

  private func send(_ message: OutgoingMessage) {
    channel.send(
      Frame(
        kind: .result, sequence: sequence, value: takeTime(), payload: message.payload,
        descriptors: .owning(message.descriptors), memory: message.memory))
  }

  /// Why there is no result.
  func send(_ kind: Frame.Kind, _ message: some Encodable) {
    // These messages are made of strings and bytes; one that is too long still says what kind of failure it was.
    let payload = try? MessageEncoder().encode(message)
    channel.send(
      Frame(kind: kind, sequence: sequence, value: takeTime(), payload: payload?.bytes ?? []))
  }

  /// How long the task ran.
  private func takeTime() -> UInt64 {
    let now = Deadline.now
    defer { start = now }
    return now.nanoseconds - start.nanoseconds
  }
}
