import CParallel
import SystemPackage

/// An ELF image of this process: who it is, and where it lies here.
struct LoadedImage {
  /// Nil where the image has neither a build id nor a file that can be looked at.
  var identity: ImageIdentity?

  /// The addresses of its loaded segments.
  var addresses: Range<UInt>

  /// What is added to an address of the file to make one of this process.
  var bias: UInt

  /// Whether this is the program itself, not a library.
  var isExecutable: Bool

  /// The image that `address` belongs to.
  static func containing(_ address: UInt) -> LoadedImage? {
    first { $0.addresses.contains(address) }
  }

  /// The first image for which `predicate` is true, the executable before all libraries.
  static func first(where predicate: (LoadedImage) -> Bool) -> LoadedImage? {
    all().first(where: predicate)
  }

  /// A fresh list each time: libraries come and go.
  private static func all() -> [LoadedImage] {
    var found: [Found] = []
    // The visitor runs only inside the call, so the pointer to `found` outlives its uses.
    withUnsafeMutablePointer(to: &found) { found in
      parallel_visit_images(
        { image, context in
          let found = context.assumingMemoryBound(to: [Found].self)
          found.pointee.append(Found(image.pointee, isExecutable: found.pointee.isEmpty))
          return true
        }, found)
    }
    return found.map(\.image)
  }
}

/// What is copied under the linker's lock; files are looked at after it was released.
private struct Found {
  var addresses: Range<UInt>
  var bias: UInt
  var isExecutable: Bool
  var buildID: [UInt8]?
  var path: String

  init(_ image: parallel_image, isExecutable: Bool) {
    addresses = image.low..<max(image.low, image.high)
    bias = image.bias
    self.isExecutable = isExecutable
    buildID = image.build_id.map { Array(UnsafeBufferPointer(start: $0, count: image.build_id_size)) }
    // The linker has no name for the program. This one also works once its file was replaced or deleted.
    path = isExecutable ? "/proc/self/exe" : String(cString: image.path)
  }

  var image: LoadedImage {
    let identity = buildID.map { .buildID($0) } ?? (try? ImageIdentity(ofFileAt: FilePath(path)))
    return LoadedImage(
      identity: identity, addresses: addresses, bias: bias, isExecutable: isExecutable)
  }
}
