/// A set of processors as the kernel takes it: one bit for each.
package struct ProcessorMask: Sendable, Hashable {
  /// The most that the kernel can be built for, and what it calls by one number each.
  package static let numbers = 0..<8192

  /// Bit n % 64 of word n / 64 stands for processor n.
  package var words: [UInt64]

  /// At least one word, so that an empty set is not taken for none. Numbers outside of `numbers` are left out.
  package init(_ processors: Set<Int>) {
    let known = processors.filter(Self.numbers.contains)
    words = [UInt64](repeating: 0, count: (known.max() ?? 0) / 64 + 1)
    for number in known { words[number / 64] |= 1 << UInt64(number % 64) }
  }

  init(words: [UInt64]) { self.words = words }

  /// The numbers of the processors, in ascending order.
  package var processors: [Int] {
    words.indices.flatMap { word in
      (0..<64).lazy.filter { words[word] >> UInt64($0) & 1 == 1 }.map { word * 64 + $0 }
    }
  }
}
