extension NominalDescriptor {
  /// How the parameter at `position` in `parameters` is spelled: by nesting level and place in it.
  ///
  /// An extension of a nested generic type counts as one level here, though it may be several: a wrong
  /// spelling finds no requirement, and the type is then refused rather than mistaken.
  func spelling(ofParameterAt position: Int) -> [UInt8] {
    let ends = levelEnds
    let depth = ends.firstIndex { position < $0 } ?? 0
    return MangledName.parameter(depth: depth, index: position - (depth == 0 ? 0 : ends[depth - 1]))
  }

  /// For each level with parameters of its own, outermost first, how many parameters there are up to its end.
  private var levelEnds: [Int] {
    var ends: [Int] = []
    var context: Context? = Context(address: address)
    while let current = context {
      if let count = current.parameterCount, count > 0, count != ends.last { ends.append(count) }
      context = current.parent
    }
    return ends.reversed()
  }
}

/// Anything a declaration can lie in: a type, an extension, a function body, a module.
private struct Context {
  /// Invariant: a context descriptor that the compiler emitted.
  let address: UInt

  var parent: Context? {
    let field = address + 4
    let distance = Int(UnsafePointer<Int32>(bitPattern: field)!.pointee)
    guard distance != 0 else { return nil }
    let target = field &+ UInt(bitPattern: distance & ~1)
    // The low bit says that a pointer to the parent lies there, filled in by the linker.
    let isIndirect = distance & 1 == 1
    return Context(address: isIndirect ? UnsafePointer<UInt>(bitPattern: target)!.pointee : target)
  }

  /// The parameters up to and including this context; nil where it has no generic header.
  var parameterCount: Int? {
    let flags = UnsafePointer<UInt32>(bitPattern: address)!.pointee
    guard flags & 0x80 != 0 else { return nil }
    let offset: UInt
    switch flags & 0x1F {
    case 1: offset = 12  // extension
    case 2: offset = 8  // function body and the like
    case 16: offset = 44 + 8
    case 17, 18: offset = 28 + 8
    default: return nil
    }
    return Int(UnsafePointer<UInt16>(bitPattern: address + offset)!.pointee)
  }
}
