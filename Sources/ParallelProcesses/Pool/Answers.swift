import ParallelCore

/// What a worker sent of items, read at once and not yet decoded.
///
/// The outcomes of many small tasks share one such object: an object, or a copy of the bytes, for each would cost as much
/// as decoding it.
final class Answers: Sendable {
  let frames: [Frame]
  let worker: Int32

  init(_ frames: [Frame], worker: Int32) {
    self.frames = frames
    self.worker = worker
  }

  var count: Int { frames.count }

  subscript(index: Int) -> Answer { Answer(self, index) }

  /// One of them, for somebody who may keep it for long: it does not hold on to the others.
  func alone(_ index: Int) -> Answer {
    guard frames.count > 1 else { return self[index] }
    var frame = frames[index]
    frame.payload = Array(frame.payload)[...]
    return Answers([frame], worker: worker)[0]
  }

  /// Those results of the same item that follow one another from `index` on, so many at most.
  func results(from index: Int, atMost limit: Int) -> AnswerRun {
    let sequence = frames[index].sequence
    let end = min(frames.count, index + limit)
    var next = index
    while next < end, frames[next].kind == .result, frames[next].sequence == sequence { next += 1 }
    return AnswerRun(answers: self, range: index..<next)
  }
}

/// Consecutive answers.
struct AnswerRun: Sendable {
  let answers: Answers
  let range: Range<Int>

  var count: Int { range.count }
}
