import ParallelCore

extension TypeReference.Node {
  /// The shortest form that leads back to `type` in this process.
  init(_ type: any Any.Type, depth: Int) throws(ParallelError) {
    guard depth <= TypeReference.Limit.depth else { throw Self.unsupported(type, "it nests too deeply") }
    if let name = Self.name(of: type) {
      self = .name(name)
      return
    }
    guard let metadata = NominalMetadata(type) else {
      throw Self.unsupported(
        type, "a private or local type takes part, and this is no struct, enum or class itself")
    }
    self = try Self.descriptor(of: type, metadata, depth: depth)
    guard try resolve(trusting: .parent, depth: depth) == type else {
      throw Self.unsupported(type, "the Swift runtime takes its description for another type")
    }
  }

  private static func name(of type: any Any.Type) -> String? {
    guard let name = _mangledTypeName(type), TypeReference.Source.parent.namePolicy.accepts(name),
      let found = RuntimeLookup.type(named: name), found == type
    else { return nil }
    return name
  }

  private static func descriptor(
    of type: any Any.Type, _ metadata: NominalMetadata, depth: Int
  ) throws(ParallelError) -> Self {
    let address = metadata.descriptor.address
    guard let image = LoadedImage.containing(address), let identity = image.identity else {
      throw unsupported(type, "its image can't be identified")
    }
    guard let types = metadata.arguments else {
      throw unsupported(
        type, "its generic arguments can't be told (packs, integers, some constraints, some superclasses)")
    }
    guard types.count <= ArgumentSlots.limit else {
      throw unsupported(type, "it has more than \(ArgumentSlots.limit) generic arguments")
    }
    guard image.descriptor(atOffset: address &- image.bias) != nil else {
      throw unsupported(type, "its image does not list it")
    }
    var arguments: [Self] = []
    for argument in types { arguments.append(try Self(argument, depth: depth + 1)) }
    return .descriptor(image: identity, offset: address &- image.bias, arguments: arguments)
  }

  private static func unsupported(_ type: any Any.Type, _ reason: String) -> ParallelError {
    ParallelError(
      .unsupported,
      "The type \(readableName(of: type)) can't be referred to in another process: \(reason).")
  }
}
