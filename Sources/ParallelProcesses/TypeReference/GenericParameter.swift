/// What a descriptor says about one generic parameter.
struct GenericParameter: RawRepresentable {
  let rawValue: UInt8

  /// Whether each instance's metadata holds this argument. It doesn't where a constraint fixes the parameter,
  /// as in `extension Box where Content == Int`.
  var isStored: Bool { rawValue & 0x80 != 0 }

  /// Whether this stands for one type, not for a pack of types or an integer.
  var isType: Bool { rawValue & 0x3F == 0 }
}
