/// One step of a coding path. An index only becomes a key when someone looks.
enum PathStep {
  case none
  case index(Int)
  case key(any CodingKey)

  var key: (any CodingKey)? {
    switch self {
    case .none: nil
    case .index(let index): PathKey(index: index)
    case .key(let key): key
    }
  }
}

/// A step as frames keep it: an index is set and cleared without touching a key, which takes calls to copy and destroy.
struct StoredStep {
  private var index = -1
  private var codingKey: (any CodingKey)?

  var key: (any CodingKey)? { index >= 0 ? PathKey(index: index) : codingKey }

  @inline(__always)
  mutating func set(_ step: PathStep) {
    switch step {
    case .none: index = -1
    case .index(let index): self.index = index
    case .key(let key):
      index = -1
      codingKey = key
    }
  }

  @inline(__always)
  mutating func clear() {
    index = -1
    if codingKey != nil { codingKey = nil }
  }
}
