import ParallelCore
import SystemPackage

/// Descriptors that travel with a frame. They are closed with the last reference, unless somebody has taken them.
final class PassedDescriptors: Sendable {
  private let descriptors: Guarded<[FileDescriptor]>

  /// Owns the descriptors from here on. Nil for none: most frames have none, and need no object for that.
  static func owning(_ descriptors: [FileDescriptor]) -> PassedDescriptors? {
    descriptors.isEmpty ? nil : PassedDescriptors(descriptors)
  }

  /// Copies, so that the originals can be sent again.
  static func duplicating(_ descriptors: [FileDescriptor]) throws(Errno) -> PassedDescriptors? {
    var copies: [FileDescriptor] = []
    do throws(Errno) {
      for descriptor in descriptors { copies.append(try SystemCalls.duplicate(descriptor)) }
    } catch {
      copies.forEach(SystemCalls.close)
      throw error
    }
    return owning(copies)
  }

  private init(_ descriptors: [FileDescriptor]) { self.descriptors = Guarded(descriptors) }

  deinit { take().forEach(SystemCalls.close) }

  /// For a look; they still belong to this object.
  var all: [FileDescriptor] { descriptors.withLock { $0 } }

  /// The caller owns them from here on.
  func take() -> [FileDescriptor] {
    descriptors.withLock { descriptors in
      defer { descriptors = [] }
      return descriptors
    }
  }
}
