extension ByteBuffer {
  /// Where a container began, for its counts.
  struct Opening {
    var offset: Int
    var pieceByteCount: Int
  }

  /// Begins a container; its counts are filled in by `close`.
  @inline(__always)
  func open(_ tag: UInt8) -> Opening {
    let opening = Opening(offset: count, pieceByteCount: pieceByteCount)
    write(tag: tag, 0 as UInt64)
    return opening
  }

  @inline(__always)
  func close(_ opening: Opening, count elements: Int) {
    let body = opening.offset + 1 + WireTag.countsSize
    let byteCount = count - body + pieceByteCount - opening.pieceByteCount
    let counts = base + opening.offset + 1
    counts.storeBytes(of: UInt32(truncatingIfNeeded: byteCount).littleEndian, as: UInt32.self)
    counts.storeBytes(
      of: UInt32(truncatingIfNeeded: elements).littleEndian, toByteOffset: 4, as: UInt32.self)
  }

  func write(strings: [String]) {
    let opening = open(WireTag.unkeyed)
    for string in strings { write(string) }
    close(opening, count: strings.count)
  }

  /// A dictionary whose keys stay out of the message's key table: there may be millions, each used once.
  func write<Value>(map: [String: Value], _ writeValue: (Value) -> Void) {
    let opening = open(WireTag.map)
    for (key, value) in map {
      write(key)
      writeValue(value)
    }
    close(opening, count: map.count)
  }
}
