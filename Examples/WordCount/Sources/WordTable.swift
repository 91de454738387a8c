/// Counts words given as bytes: makes a string of each once, at the end, instead of at each occurrence.
///
/// A hash table with open addressing; the words stand one after the other in one array.
struct WordTable {
  private struct Entry {
    var hash: Int
    var word: Range<Int>
    var count: Int
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Indices into `entries`; a power of two of them, at most half in use.
  private var slots = [Int32](repeating: free, count: 1024)

  private static let free: Int32 = -1

  mutating func count(_ word: [UInt8]) {
    var hasher = Hasher()
    word.withUnsafeBytes { hasher.combine(bytes: $0) }
    let hash = hasher.finalize()
    let slot = slot(for: hash) { entry in bytes[entry.word].elementsEqual(word) }
    guard slots[slot] == Self.free else { return entries[Int(slots[slot])].count += 1 }
    slots[slot] = Int32(entries.count)
    entries.append(Entry(hash: hash, word: bytes.count..<(bytes.count + word.count), count: 1))
    bytes += word
    if entries.count > slots.count / 2 { grow() }
  }

  var counts: [String: Int] {
    var counts = [String: Int](minimumCapacity: entries.count)
    for entry in entries {
      counts[String(decoding: bytes[entry.word], as: UTF8.self), default: 0] += entry.count
    }
    return counts
  }

  /// The slot of the entry that fits, or the free one where it should be.
  private func slot(for hash: Int, _ fits: (Entry) -> Bool) -> Int {
    var slot = hash & (slots.count - 1)
    while slots[slot] != Self.free {
      let entry = entries[Int(slots[slot])]
      if entry.hash == hash && fits(entry) { break }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    slots = [Int32](repeating: Self.free, count: slots.count * 2)
    for (index, entry) in entries.enumerated() {
      slots[slot(for: entry.hash) { _ in false }] = Int32(index)
    }
  }
}
