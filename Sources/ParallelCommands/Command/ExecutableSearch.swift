import Glibc
import ParallelCore
import SystemPackage

/// Finds a program as a shell does.
///
/// Source: `execvp(3)`; but by the environment of the new process, and before there is one, so that the error can say
/// where was looked.
enum ExecutableSearch: Equatable {
  case found(FilePath)
  /// In none of these folders.
  case missing([String])
  /// Something of that name is there, but no program, or not for this user.
  case notExecutable(FilePath)

  private static let defaultPath = "/usr/bin:/bin"

  /// Looks in the folders that `PATH` has in `environment`.
  init(_ program: String, environment: [[UInt8]]) {
    if program.utf8.contains(UInt8(ascii: "/")) {
      self = .found(FilePath(program))
      return
    }
    let prefix = Array("PATH=".utf8)
    let path = environment.first { $0.starts(with: prefix) }
      .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    // An empty entry means the present folder.
    let folders = (path ?? Self.defaultPath).split(separator: ":", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "." : String($0) }
    var refused: FilePath?
    for folder in folders {
      let candidate = FilePath(folder).appending(program)
      switch Self.look(at: candidate) {
      case .program:
        self = .found(Self.absolute(candidate))
        return
      case .other: refused = refused ?? candidate
      case .nothing: break
      }
    }
    self = refused.map { .notExecutable($0) } ?? .missing(folders)
  }

  private enum Finding { case program, other, nothing }

  private static func look(at path: FilePath) -> Finding {
    path.withPlatformString { path in
      var status = Glibc.stat()
      guard fstatat(AT_FDCWD, path, &status, 0) == 0 else { return .nothing }
      guard status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 else { return .other }
      return .program
    }
  }

  /// The new process may start in another folder.
  private static func absolute(_ path: FilePath) -> FilePath {
    guard path.isRelative, let folder = try? SystemCalls.currentFolder() else { return path }
    return folder.pushing(path)
  }
}
