import Glibc
import SystemPackage
import TestSupport

/// Runs a program as a task would, without the library's help, and returns what it printed.
func outputOfProgram(_ path: FilePath, _ arguments: [String]) throws -> String {
  let (reader, writer) = try FileDescriptor.pipe()
  defer { try? reader.close() }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, writer.rawValue, 1)
  posix_spawn_file_actions_addclose(&actions, writer.rawValue)
  posix_spawn_file_actions_addclose(&actions, reader.rawValue)
  let child = try spawn(path, arguments, &actions)
  try writer.close()
  defer { waitpid(child, nil, 0) }
  return try text(from: reader)
}

/// Starts a program as a task would, and does not wait for it.
func startProgram(_ path: FilePath, _ arguments: [String]) throws -> Int32 {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  return try spawn(path, arguments, &actions)
}

private func spawn(
  _ path: FilePath, _ arguments: [String], _ actions: inout posix_spawn_file_actions_t
) throws -> Int32 {
  var strings = ([path.string] + arguments).map { strdup($0) } + [nil]
  defer { strings.forEach { free($0) } }
  var child: pid_t = 0
  let status = path.withPlatformString { posix_spawn(&child, $0, &actions, nil, &strings, environ) }
  guard status == 0 else { throw Errno(rawValue: status) }
  return child
}
