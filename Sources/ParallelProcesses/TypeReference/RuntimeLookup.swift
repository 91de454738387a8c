import CParallel

/// The questions we put to the Swift runtime, each in the form of a mangled name.
enum RuntimeLookup {
  /// A type by its plain name. The runtime itself refuses names with references in them.
  static func type(named name: String) -> (any Any.Type)? {
    name.isEmpty ? nil : _typeByName(name)
  }

  /// A type by a name that stands in an image, seen from inside `descriptor` with these generic arguments.
  static func type(
    named name: MangledName, in descriptor: NominalDescriptor,
    arguments: UnsafePointer<UnsafeRawPointer?>
  ) -> (any Any.Type)? {
    metatype(
      parallel_type_by_mangled_name(
        name.start, name.count, UnsafeRawPointer(bitPattern: descriptor.address), arguments))
  }

  /// The type that `descriptor` describes, with these generic arguments (all levels, outermost first). Nil
  /// where their number is wrong or one does not meet the constraints: the runtime checks both.
  ///
  /// The name is made of a reference to the descriptor and, as arguments, the generic parameters of
  /// `ArgumentSlots`, for which the runtime then puts in the given types. So arguments are never spelled, and
  /// no name depends on the text around it, as plain names do by substitution.
  static func type(of descriptor: NominalDescriptor, arguments: [any Any.Type]) -> (any Any.Type)? {
    guard arguments.count <= ArgumentSlots.limit, let slots = ArgumentSlots.descriptor else { return nil }
    var name: [UInt8] = [0x02, 0, 0, 0, 0]  // an indirect reference: a distance to a pointer
    if !arguments.isEmpty {
      name.append(UInt8(ascii: "y"))
      for index in arguments.indices { name += MangledName.parameter(depth: 0, index: index) }
      name.append(UInt8(ascii: "G"))
    }
    let slot = (name.count + 1 + 7) & ~7
    // The runtime keeps no pointer into a name: its parse tree lives on its stack, and its caches are keyed
    // by descriptors and metadata or copy their text. So the memory is needed only during the call.
    return withUnsafeTemporaryAllocation(byteCount: slot + 8, alignment: 8) { buffer in
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      buffer.copyBytes(from: name)
      buffer.storeBytes(of: Int32(slot - 1), toByteOffset: 1, as: Int32.self)
      buffer.storeBytes(of: descriptor.address, toByteOffset: slot, as: UInt.self)
      // A metatype is a pointer to metadata.
      let metadata = arguments.map { unsafeBitCast($0, to: UnsafeRawPointer?.self) }
      return metatype(
        parallel_type_by_mangled_name(
          buffer.baseAddress!.assumingMemoryBound(to: UInt8.self), name.count,
          UnsafeRawPointer(bitPattern: slots.address), metadata))
    }
  }

  private static func metatype(_ metadata: UnsafeRawPointer?) -> (any Any.Type)? {
    // What the runtime returns is metadata, and a metatype is a pointer to it.
    metadata.map { unsafeBitCast($0, to: Any.Type.self) }
  }
}
