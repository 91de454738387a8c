import ParallelCore

extension TypeReference.Node {
  func resolve(
    trusting source: TypeReference.Source, depth: Int
  ) throws(ParallelError) -> any Any.Type {
    switch self {
    case .name(let name):
      return try Self.resolve(name, trusting: source)
    case .descriptor(let image, let offset, let arguments):
      let descriptor = try Self.descriptor(in: image, at: offset, trusting: source)
      return try Self.resolve(descriptor, arguments, trusting: source, depth: depth)
    }
  }

  private static func resolve(
    _ name: String, trusting source: TypeReference.Source
  ) throws(ParallelError) -> any Any.Type {
    guard source.namePolicy.accepts(name) else {
      throw unresolved("its name is too long or has parts that are not accepted")
    }
    guard let type = RuntimeLookup.type(named: name) else {
      throw unresolved("there is no type \(name) here")
    }
    return type
  }

  private static func descriptor(
    in identity: ImageIdentity, at offset: UInt, trusting source: TypeReference.Source
  ) throws(ParallelError) -> NominalDescriptor {
    guard let image = LoadedImage.first(where: { $0.identity == identity }) else {
      throw unresolved("its library is not loaded here, or is another build")
    }
    guard source == .parent || image.isExecutable else {
      throw unresolved("a worker may refer to types of the executable only")
    }
    guard let descriptor = image.descriptor(atOffset: offset), descriptor.kind != nil else {
      throw unresolved("no type is described at offset \(offset) of its image")
    }
    return descriptor
  }

  private static func resolve(
    _ descriptor: NominalDescriptor, _ arguments: [Self], trusting source: TypeReference.Source, depth: Int
  ) throws(ParallelError) -> any Any.Type {
    let parameters = descriptor.parameters
    guard arguments.count == parameters.count, parameters.allSatisfy(\.isType) else {
      throw unresolved("it does not take \(arguments.count) generic arguments")
    }
    guard source == .parent || arguments.isEmpty else {
      throw unresolved("a worker may not refer to generic types by their place")
    }
    guard depth < TypeReference.Limit.depth || arguments.isEmpty else {
      throw unresolved("it nests too deeply")
    }
    var types: [any Any.Type] = []
    for argument in arguments { types.append(try argument.resolve(trusting: source, depth: depth + 1)) }
    guard let type = RuntimeLookup.type(of: descriptor, arguments: types) else {
      throw unresolved("the Swift runtime does not accept its generic arguments")
    }
    return type
  }

  private static func unresolved(_ reason: String) -> ParallelError {
    ParallelError(.coding, "A type reference can't be resolved: \(reason).")
  }
}
