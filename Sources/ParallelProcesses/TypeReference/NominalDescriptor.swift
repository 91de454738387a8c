/// A struct's, enum's or class's context descriptor: the constant by which the compiler describes a nominal
/// type to the runtime. Generic types have one for all their instances.
///
/// The layout is part of Swift's stable ABI (`docs/ABI` and `include/swift/ABI/Metadata.h` in
/// swiftlang/swift).
struct NominalDescriptor {
  /// Invariant: the address of a descriptor that the compiler emitted, found through type metadata or through
  /// an image's own type records. All reads below rest on it.
  let address: UInt

  /// Which declaration this describes.
  enum Kind: UInt32 {
    case `class` = 16
    case `struct` = 17
    case `enum` = 18
  }

  /// Nil for what can't be the type of a value that is sent, and for kinds of later compilers.
  var kind: Kind? { Kind(rawValue: flags & 0x1F) }

  /// Whether the type or something around it has generic parameters.
  var isGeneric: Bool { flags & 0x80 != 0 }

  /// Whether this is a class whose superclass may gain members in a later version of its library: then even
  /// the place of the generic arguments is known only at run time.
  var hasResilientSuperclass: Bool { kind == .class && flags & (1 << 29) != 0 }

  private var flags: UInt32 { read(at: 0) }

  /// Reads a field. Descriptors are aligned to 4 bytes, and so is each of their 32-bit fields.
  func read<Value: BitwiseCopyable>(at offset: UInt, as type: Value.Type = Value.self) -> Value {
    // `address` is a descriptor's, by the invariant above, and image memory is never freed while in use.
    UnsafeRawPointer(bitPattern: address + offset)!.loadUnaligned(as: Value.self)
  }
}

extension NominalDescriptor {
  /// In words from the start of an instance's metadata: where its generic arguments begin.
  var argumentOffset: Int {
    guard kind == .class else { return 2 }  // the kind, the descriptor
    let areMembersNegative = flags & (1 << 28) != 0
    let negativeSize: UInt32 = read(at: 24)
    let positiveSize: UInt32 = read(at: 28)
    let memberCount: UInt32 = read(at: 32)
    return areMembersNegative ? -Int(negativeSize) : Int(positiveSize) - Int(memberCount)
  }

  /// The generic parameters of the type and all that surrounds it, outermost first; empty if it has none.
  var parameters: [GenericParameter] {
    guard isGeneric else { return [] }
    return (0..<UInt(parameterCount)).map {
      GenericParameter(rawValue: read(at: header + 16 + $0))
    }
  }

  /// The requirements on those parameters.
  var requirements: [GenericRequirement] {
    guard isGeneric else { return [] }
    let count: UInt16 = read(at: header + 10)
    let start = header + 16 + (UInt(parameterCount) + 3) & ~3
    return (0..<UInt(count)).map { GenericRequirement(address: address + start + 12 * $0) }
  }

  private var parameterCount: UInt16 { read(at: header + 8) }

  /// Where the generic header begins: behind the fixed part, whose size depends on the kind.
  private var header: UInt { kind == .class ? 44 : 28 }
}
