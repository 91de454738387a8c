/// The nominal half of what a type's metadata says: its descriptor and its generic arguments.
struct NominalMetadata {
  let descriptor: NominalDescriptor

  /// Where the metadata begins.
  private let words: UnsafePointer<UInt>

  /// Nil for tuples, functions, existentials and all else that no declaration describes.
  init?(_ type: any Any.Type) {
    // The invariant of this file: a metatype is a pointer to metadata, whose first word is its kind, or, for
    // classes, zero or a pointer.
    words = unsafeBitCast(type, to: UnsafePointer<UInt>.self)
    let descriptorWord: Int
    switch words[0] {
    case 0x200...0x202: descriptorWord = 1  // struct, enum, optional
    case 0, 0x800...: descriptorWord = 5  // class, without the fields for Objective-C
    default: return nil
    }
    guard words[descriptorWord] != 0 else { return nil }
    descriptor = NominalDescriptor(address: words[descriptorWord])
    guard descriptor.kind != nil else { return nil }
  }

  /// Where the runtime keeps the generic arguments, in the order of the stored parameters.
  private var storedArguments: UnsafePointer<UnsafeRawPointer?> {
    UnsafeRawPointer(words + descriptor.argumentOffset).assumingMemoryBound(to: UnsafeRawPointer?.self)
  }

  /// The generic arguments as they were written, outermost first; nil if one can't be told: packs, integers,
  /// parameters fixed in a way that is not understood here, and resilient superclasses.
  var arguments: [any Any.Type]? {
    let parameters = descriptor.parameters
    guard !parameters.isEmpty else { return [] }
    guard parameters.allSatisfy(\.isType), !descriptor.hasResilientSuperclass else { return nil }
    var stored = 0
    var result: [any Any.Type] = []
    for (position, parameter) in parameters.enumerated() {
      if parameter.isStored {
        // Without packs the arguments begin with one metadata pointer per stored parameter.
        result.append(unsafeBitCast(storedArguments[stored]!, to: Any.Type.self))
        stored += 1
      } else if let argument = fixedArgument(at: position) {
        result.append(argument)
      } else {
        return nil
      }
    }
    return result
  }

  /// The argument that a constraint fixes, `Int` in `extension Box where Content == Int`.
  private func fixedArgument(at position: Int) -> (any Any.Type)? {
    let parameter = descriptor.spelling(ofParameterAt: position)
    for case (let left, let right)? in descriptor.requirements.lazy.map(\.sameTypes) {
      let other = left.isEqual(to: parameter) ? right : right.isEqual(to: parameter) ? left : nil
      guard let other else { continue }
      if let type = RuntimeLookup.type(named: other, in: descriptor, arguments: storedArguments) {
        return type
      }
    }
    return nil
  }
}
