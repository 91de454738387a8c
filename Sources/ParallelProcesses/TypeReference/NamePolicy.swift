/// Which mangled names are looked up at all.
///
/// The runtime's lookup is not made for arbitrary names. Bytes below 0x20 are read as addresses; an integer
/// where a type belongs (`$`) is used as a pointer, and so are some rarer parts; and as each part can refer
/// back to earlier ones, a hundred bytes can spell a type with more elements than there is memory. So only
/// what is known to be sound is let through, each part read as the runtime reads it.
struct NamePolicy {
  /// In bytes.
  var lengthLimit: Int

  /// How many references to earlier parts and generic types there may be, together. It takes one of both to
  /// double what came before. Generic types that nest also take stack, about 1 KiB each.
  var compositionLimit: Int

  /// Beside nominal types and their generic arguments, whether there may be tuples, functions, existentials,
  /// metatypes and packs.
  var acceptsStructuralTypes: Bool

  func accepts(_ name: String) -> Bool {
    guard !name.isEmpty, name.utf8.count <= lengthLimit,
      name.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return false }
    var scanner = MangledNameScanner(name, acceptsStructuralTypes: acceptsStructuralTypes)
    while !scanner.isAtEnd {
      guard scanner.skipOperator(), scanner.compositions <= compositionLimit else { return false }
    }
    return true
  }
}

extension TypeReference.Source {
  /// A parent may spell what tasks are made of. A worker only sends errors, which are nominal types; it must
  /// not be able to keep its parent busy.
  var namePolicy: NamePolicy {
    switch self {
    case .parent: NamePolicy(lengthLimit: 4096, compositionLimit: 128, acceptsStructuralTypes: true)
    case .worker: NamePolicy(lengthLimit: 1024, compositionLimit: 16, acceptsStructuralTypes: false)
    }
  }
}
