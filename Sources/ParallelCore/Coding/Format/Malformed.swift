/// Bytes that no encoder writes. Becomes a `DecodingError` where the coding path is known.
struct Malformed: Error {
  let reason: StaticString

  init(_ reason: StaticString) { self.reason = reason }
}
