/// Numbers the keys of a message in the order they are met.
///
/// The names outlive the message: the next one probably has the same keys in the same order, whose table is
/// then there already. They are distinct, the first `count` of them are those of this message.
struct KeyNumbering {
  /// A copy of each name, and where its entry in the table ends.
  private struct Name {
    var text: String
    var end: Int
  }

  private var names: [Name] = []
  /// The entries of the names: the length of each, then its UTF-8.
  private let entries = ByteBuffer(capacity: 128)
  /// The numbers by name, once there are many.
  private var numbers: [String: Int] = [:]

  /// How many keys the message has.
  private(set) var count = 0
  /// The key that probably comes next: the one after the last.
  private(set) var expected = 0

  private static let longestScan = 16
  private static let mostKept = 256

  /// The message's table.
  var table: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: entries.base, count: tableByteCount) }

  var tableByteCount: Int { count == 0 ? 0 : names[count - 1].end }

  mutating func reset() {
    count = 0
    expected = 0
    if names.count > Self.mostKept { self = KeyNumbering() }
  }

  /// Says which key probably comes next.
  @inline(__always)
  mutating func expect(_ number: Int) { expected = number }

  /// The number of a key, which is added to the table when it is met for the first time.
  @inline(__always)
  mutating func number(of key: String) -> Int {
    let number = expected
    if number < names.count, number <= count, names[number].text == key {
      expected = number + 1
      if number == count { count += 1 }
      return number
    }
    return search(for: key)
  }

  @inline(never)
  private mutating func search(for key: String) -> Int {
    let number = find(key) ?? findNext(key) ?? add(key)
    expected = number + 1
    return number
  }

  /// The key that was added at this point of the message before, if it is the same.
  private mutating func findNext(_ key: String) -> Int? {
    guard count < names.count, names[count].text == key else { return nil }
    count += 1
    return count - 1
  }

  private func find(_ key: String) -> Int? {
    guard count > Self.longestScan else { return names[..<count].firstIndex { $0.text == key } }
    return numbers[key].flatMap { $0 < count ? $0 : nil }
  }

  private mutating func add(_ key: String) -> Int {
    if count < names.count { forgetOtherNames() }
    entries.write(variable: key.utf8.count)
    var text = key
    text.withUTF8 { entries.write(raw: UnsafeRawBufferPointer($0)) }
    names.append(Name(text: text, end: entries.count))
    count += 1
    if count > Self.longestScan { addNumbers() }
    return count - 1
  }

  private mutating func addNumbers() {
    for number in numbers.count..<count { numbers[names[number].text] = number }
  }

  /// Forgets the names of the message before that this one turns out not to have.
  private mutating func forgetOtherNames() {
    if !numbers.isEmpty { numbers.removeAll() }
    entries.truncate(to: tableByteCount)
    names.removeSubrange(count...)
  }
}
