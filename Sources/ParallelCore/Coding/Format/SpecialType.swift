internal import SystemPackage

/// The types the coder reads and writes itself, without asking their `Codable` conformance.
enum SpecialType {
  case none
  case string, bool, int, double, float
  case int8, int16, int32, int64, int128, uint, uint8, uint16, uint32, uint64, uint128
  case ints, doubles, floats, bytes
  case int8s, int16s, int32s, int64s, uints, uint16s, uint32s, uint64s
  case strings, stringToInt, stringToString, stringToDouble
  case path, descriptor

  /// Compares metatypes: a dozen nanoseconds when the type is known only at run time, nothing when it is
  /// known to the compiler, which then drops the other branches.
  @inline(__always)
  init<T>(_ type: T.Type) {
    if type == String.self {
      self = .string
    } else if type == Int.self {
      self = .int
    } else if type == Double.self {
      self = .double
    } else if type == Bool.self {
      self = .bool
    } else {
      self = Self.uncommon(type)
    }
  }

  private static func uncommon<T>(_ type: T.Type) -> SpecialType {
    // Structs and enums of a user are the usual case here; what follows is ordered by how often it is met.
    if type == [UInt8].self { return .bytes }
    if type == [Double].self { return .doubles }
    if type == [Int].self { return .ints }
    if type == [Float].self { return .floats }
    if type == [String].self { return .strings }
    if type == [String: Int].self { return .stringToInt }
    if type == [String: String].self { return .stringToString }
    if type == [String: Double].self { return .stringToDouble }
    if type == Float.self { return .float }
    if type == UInt8.self { return .uint8 }
    if type == Int32.self { return .int32 }
    if type == UInt32.self { return .uint32 }
    if type == Int64.self { return .int64 }
    if type == UInt64.self { return .uint64 }
    if type == UInt.self { return .uint }
    if type == FilePath.self { return .path }
    if type == FileDescriptor.self { return .descriptor }
    return rare(type)
  }

  private static func rare<T>(_ type: T.Type) -> SpecialType {
    if type == Int8.self { return .int8 }
    if type == Int16.self { return .int16 }
    if type == UInt16.self { return .uint16 }
    if type == Int128.self { return .int128 }
    if type == UInt128.self { return .uint128 }
    if type == [Int8].self { return .int8s }
    if type == [Int16].self { return .int16s }
    if type == [Int32].self { return .int32s }
    if type == [Int64].self { return .int64s }
    if type == [UInt].self { return .uints }
    if type == [UInt16].self { return .uint16s }
    if type == [UInt32].self { return .uint32s }
    if type == [UInt64].self { return .uint64s }
    return .none
  }
}

/// The same value under the type it is known to have.
@inline(__always)
func reinterpret<T, U>(_ value: T, as type: U.Type = U.self) -> U {
  assert(T.self == U.self)
  // Sound because T and U are the same type: callers have compared the metatypes (see `SpecialType`).
  return unsafeBitCast(value, to: U.self)
}
