import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// What makes an ELF image (the executable or a shared library) the same in two processes, whatever addresses
/// it was loaded at.
///
/// ```swift
/// guard handshake.identity == ImageIdentity.executable else { … }  // the worker is another build
/// ```
package enum ImageIdentity: Hashable, Sendable, Codable {
  /// The build id that the linker derived from the image's contents.
  case buildID([UInt8])

  /// The image was linked without a build id: which file it is, and its state when it was looked at. Holds on
  /// one machine only, and only while the file is not touched.
  case file(device: UInt64, inode: UInt64, size: Int64, modifiedNanoseconds: Int64)
}

extension ImageIdentity {
  /// The running executable; nil where it can't be told, for instance without a build id and without `/proc`.
  ///
  /// Blocks for a few system calls the first time at most.
  package static let executable: ImageIdentity? = LoadedImage.first { $0.isExecutable }?.identity

  /// For messages: equal exactly where the identities are.
  package var bytes: [UInt8] {
    var writer = ReferenceWriter()
    writer.write(self)
    return writer.bytes
  }

  /// The identity of a file without a build id.
  ///
  /// Throws the `Errno` of `stat`.
  init(ofFileAt path: FilePath) throws(Errno) {
    var status = stat()
    guard path.withPlatformString({ stat($0, &status) }) == 0 else { throw Errno(rawValue: errno) }
    let modified = status.st_mtim
    self = .file(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modifiedNanoseconds: Int64(modified.tv_sec) &* 1_000_000_000 &+ Int64(modified.tv_nsec))
  }
}
