package import ParallelCore

/// A Swift type in a form that another process of the same executable can resolve, whatever addresses it was
/// loaded at.
///
/// ```swift
/// let reference = try TypeReference(Task.self)          // in the parent
/// let type = try reference.resolve(trusting: .parent)   // in the worker
/// ```
///
/// Most types travel by their mangled name. Private and function-local types, and generic types over them,
/// can't be found by name; they travel as the place of their descriptor in its image, with references to
/// their generic arguments. Not every type has such a form (see `init(_:)`).
///
/// Both directions cost some microseconds up to some tens: keep the result for each type.
package struct TypeReference: Hashable, Sendable {
  let node: Node

  /// How one type is referred to.
  indirect enum Node: Hashable, Sendable {
    /// By its mangled name.
    case name(String)

    /// By where its descriptor lies in an image, and by the generic arguments of all levels, outermost first.
    case descriptor(image: ImageIdentity, offset: UInt, arguments: [Node])
  }

  /// Refers to `type`. The whole way back is tried at once, so that a type that can't be resolved is an error
  /// here and never in another process.
  ///
  /// Throws `.unsupported`, naming the type and the reason: for tuples, functions and existentials that a
  /// private type takes part in; for private generic types over packs or integers, with more than 16
  /// arguments or a resilient superclass; for types that no image lists; and for what nests too deeply.
  package init(_ type: any Any.Type) throws(ParallelError) {
    node = try Node(type, depth: 0)
  }

  init(node: Node) {
    self.node = node
  }

  /// Who wrote a reference, and so how much it may ask for.
  package enum Source: Sendable {
    /// The process that started this one, and could run anything in it anyway. Nonsense is refused still.
    case parent

    /// A worker, possibly with corrupted memory: plain names of simple types, and types without generic
    /// arguments of the executable itself.
    case worker
  }

  /// The type, in this process.
  ///
  /// Throws `.coding` where there is no such type here, or `source` may not ask for it. What a reference
  /// contains is not believed: all of it is checked before the runtime sees it.
  package func resolve(trusting source: Source) throws(ParallelError) -> any Any.Type {
    try node.resolve(trusting: source, depth: 0)
  }
}

extension TypeReference {
  /// Bounds that every honest reference keeps.
  enum Limit {
    /// How deeply generic arguments nest.
    static let depth = 64
    /// Bytes of a whole reference.
    static let bytes = 65536
  }
}
