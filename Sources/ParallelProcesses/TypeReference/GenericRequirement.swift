/// A constraint on generic parameters, as a descriptor lists it: flags, subject, and what the kind asks for.
struct GenericRequirement {
  /// Invariant: lies inside a descriptor that the compiler emitted.
  let address: UInt

  /// The two sides, if this demands that two types are the same.
  var sameTypes: (MangledName, MangledName)? {
    guard let fields = UnsafePointer<Int32>(bitPattern: address), fields[0] & 0x1F == 1 else { return nil }
    return (name(atField: 1), name(atField: 2))
  }

  private func name(atField index: UInt) -> MangledName {
    let field = address + 4 * index
    let distance = UnsafePointer<Int32>(bitPattern: field)!.pointee
    return MangledName(start: UnsafePointer(bitPattern: field &+ UInt(bitPattern: Int(distance)))!)
  }
}
