// Inlinable, because a lookup costs less than a call of code that doesn't know the type.
extension ThreadLocal {
  /// The calling thread's copy.
  ///
  /// Reading it makes the copy, if there is none; writing replaces the copy, or makes it without asking for
  /// the initial value. Writing traps inside ``withValue(_:)`` of the same variable on the same thread;
  /// reading does too.
  @available(*, noasync, message: "a thread-local belongs to a thread, not to a task; use @TaskLocal")
  @inlinable
  public var value: Value {
    get { (existing ?? make()).read() }
    set {
      if let existing { existing.write(newValue) } else { _ = install(newValue) }
    }
  }

  /// Changes the calling thread's copy in place.
  ///
  /// - Parameter body: Gets the copy. It traps when it uses the same variable otherwise.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws; the copy keeps the changes made before.
  @available(*, noasync, message: "a thread-local belongs to a thread, not to a task; use @TaskLocal")
  @inlinable
  public func withValue<Result: ~Copyable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try (existing ?? make()).change(body)
  }

  @inlinable
  var existing: ThreadLocalBox<Value>? {
    // What stands in this place under this number was put there by `install`, so it is a cell of a `Value`.
    ThreadLocalTable.cell(at: place).map {
      ThreadLocalBox($0.assumingMemoryBound(to: ThreadLocalCell<Value>.self))
    }
  }

  @usableFromInline @inline(never)
  func make() -> ThreadLocalBox<Value> { install(initial()) }

  @usableFromInline
  func install(_ value: Value) -> ThreadLocalBox<Value> {
    let owner = ThreadLocalOwner(value)
    ThreadLocalTable.put(owner.cell, of: owner, at: place)
    return ThreadLocalBox(owner.cell)
  }
}
