import ParallelCore
import ParallelFutures

/// One iteration over many tasks, seen by its consumer: submits within the window, collects, delivers.
///
/// None of these calls waits. The end of the last reference is the end of the iteration.
protocol ResultsRun<Input>: AnyObject {
  associatedtype Input: WorkerTask

  var mailbox: ResultsMailbox { get }

  /// How many tasks may be submitted and not yet consumed, for the moment.
  var window: Int { get }

  /// How many tasks there are at least, as far as that is known.
  var expectedCount: Int { get }

  /// Sees to it that tasks are submitted, as far as the window allows.
  func fill()

  /// What is to be delivered next and is here; as much of it as can be held back without filling the window.
  func take() -> ResultsMailbox.Delivery

  /// What to wait for when there is nothing to take: for so many outcomes, if that many can come.
  func wait(for count: Int) -> RunWait

  /// The consumer is done with these.
  func consumed(_ slots: [Int])

  /// The consumer is done with this one, and gets the task back.
  func consume(_ slot: Int) -> Input

  /// Cancels what is under way; nothing is submitted or delivered any more.
  func abandon()
}

/// Something that a run waits for, as a thread or as a task.
enum RunWait {
  case outcomes(ResultsMailbox, MailboxState.Request)
  /// A place among the unfinished tasks of the pool.
  case place(Future<Void>)

  /// False at the deadline.
  func end(by deadline: Deadline) async throws -> Bool {
    switch self {
    case .outcomes(let mailbox, let request): try await mailbox.wait(for: request, until: deadline)
    case .place(let ticket): try await ticket.wait(timeout: deadline.remaining)
    }
  }

  /// False at the deadline; blocks.
  func end(by deadline: Deadline, fileID: StaticString, line: UInt) throws -> Bool {
    switch self {
    case .outcomes(let mailbox, let request):
      try mailbox.wait(for: request, until: deadline, fileID: fileID, line: line)
    case .place(let ticket): try ticket.waitCancellably(until: deadline, fileID: fileID, line: line)
    }
  }
}
