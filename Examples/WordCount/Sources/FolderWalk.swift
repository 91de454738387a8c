import Glibc
import Parallel

/// The regular files below some folders, found one folder at a time, as they are asked for.
///
/// Leaves out hidden folders (`.git`, `.build` and the like). Follows a symbolic link only where it is a root. What can
/// not be read is noted in ``failures``, and the walk goes on.
///
/// A walk can be iterated once.
final class FolderWalk: Sequence, IteratorProtocol {
  /// A place in the walk.
  struct Place {
    var root: FilePath
    /// What leads from the root to here; empty for the root itself.
    var below: FilePath = ""

    var path: FilePath {
      if below.isEmpty { return root }
      return root == "." ? below : root.pushing(below)
    }

    /// Whether `glob` fits the name of what is here, or its path below the root.
    func matches(_ glob: String) -> Bool {
      [path.lastComponent?.string, below.string].contains { name in
        name.map { fnmatch(glob, $0, 0) == 0 } ?? false
      }
    }
  }

  /// The folders that could not be read so far, and why.
  private(set) var failures: [(path: FilePath, error: any Error)] = []

  /// In reverse: the last is the next.
  private var folders: [Place] = []
  private var files: [Place] = []

  /// The roots are files or folders.
  init(_ roots: [FilePath]) {
    for root in roots.reversed() { folders.append(Place(root: root)) }
  }

  func next() -> Place? {
    while files.isEmpty, let folder = folders.popLast() { enter(folder) }
    return files.popLast()
  }

  private func enter(_ place: Place) {
    do {
      // A root can be a file; everything below was found to be a folder.
      if place.below.isEmpty, try FileKind(of: place.root) != .folder { return files.append(place) }
      let listing = try FolderListing(of: place.path)
      func inside(_ name: FilePath) -> Place { Place(root: place.root, below: place.below.pushing(name)) }
      files += listing.files.map(inside)
      folders += listing.folders.map(inside)
    } catch {
      failures.append((place.path, error))
    }
  }
}
