import CParallel

extension LoadedImage {
  /// The type descriptor at `offset` in this image; nil unless the image itself lists a type right there.
  ///
  /// The offset may come from anywhere: no memory is read for it but the image's own list. That list is
  /// walked each time (a few microseconds a thousand types): an index would have to be kept right across
  /// `dlclose`, and callers look a type up once.
  func descriptor(atOffset offset: UInt) -> NominalDescriptor? {
    let (address, overflow) = bias.addingReportingOverflow(offset)
    guard !overflow, addresses.contains(address), listsType(at: address) else { return nil }
    return NominalDescriptor(address: address)
  }

  /// Whether this image's type records name the descriptor at `address`.
  private func listsType(at address: UInt) -> Bool {
    var search = RecordSearch(addresses: addresses, target: address)
    // The visitor runs only inside the call, so the pointer to `search` outlives its uses.
    return withUnsafeMutablePointer(to: &search) { search in
      parallel_visit_type_records(
        { start, length, context in
          let search = context.assumingMemoryBound(to: RecordSearch.self)
          search.pointee.walk(start: start, length: length)
          return !search.pointee.isFound
        }, search)
      return search.pointee.isFound
    }
  }
}

private struct RecordSearch {
  var addresses: Range<UInt>
  var target: UInt
  var isFound = false

  /// Each record is a 32-bit distance from itself; its two low bits say how to follow it: 0 leads to the
  /// descriptor, 1 to a pointer to it.
  mutating func walk(start: UInt, length: Int) {
    guard addresses.contains(start), let records = UnsafePointer<Int32>(bitPattern: start) else { return }
    for index in 0..<(length / MemoryLayout<Int32>.stride) {
      let record = records[index]
      let here = start &+ UInt(index) &* 4
      let there = here &+ UInt(bitPattern: Int(record & ~3))
      switch record & 3 {
      case 0: isFound = there == target
      case 1: isFound = UnsafePointer<UInt>(bitPattern: there)?.pointee == target
      default: break
      }
      if isFound { return }
    }
  }
}
