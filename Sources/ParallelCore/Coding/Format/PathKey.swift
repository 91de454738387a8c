/// A coding key the coder makes up: an index, or `super`.
///
/// One is made for every element of an array, so the text of an index is only made when someone looks.
struct PathKey: CodingKey {
  let intValue: Int?

  init(index: Int) { intValue = index }

  init?(intValue: Int) { self.init(index: intValue) }

  /// Only the name `super` has a key of this type.
  init?(stringValue: String) {
    guard stringValue == "super" else { return nil }
    intValue = nil
  }

  private init() { intValue = nil }

  var stringValue: String { intValue.map { "Index \($0)" } ?? "super" }

  static let `super` = PathKey()
}
