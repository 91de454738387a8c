/// A type that every module can see.
public struct PublicSample {}
struct InternalSample {
  enum Nested { case one }
  fileprivate struct Hidden {}
  static var hidden: any Any.Type { Hidden.self }
}

struct Box<Content> {
  struct Plain {}
}
struct Pair<First, Second> {}
struct Outer<T> {
  struct Inner<U> {
    enum Innermost<V, W> {}
  }
}
struct HashableBox<Element: Hashable> {}
struct PackBox<each Element> {}
struct FixedBox<let count: Int> {}
final class Shelf<Item> {}
class Base<T> { var value: T? }
final class Derived<U>: Base<Int> { var other: U? }

extension Box where Content == Int {
  struct ForInt {}
  static var hiddenForInt: any Any.Type { HiddenForInt.self }
  private struct HiddenForInt {}
  static var genericForInt: any Any.Type { HiddenGeneric<PublicSample>.self }
  private struct HiddenGeneric<T> {}
}
extension Pair where First == Second {
  static var hiddenTwins: any Any.Type { HiddenTwins.self }
  private struct HiddenTwins {}
}
extension Pair where Second == [First] {
  static var hiddenDerived: any Any.Type { HiddenDerived.self }
  private struct HiddenDerived {}
}
extension Outer.Inner where U == String {
  static var hiddenForString: any Any.Type { HiddenForString.self }
  private struct HiddenForString {}
}
extension Array {
  static var hiddenInArray: any Any.Type { HiddenInArray.self }
  private struct HiddenInArray {}
}
extension Int {
  private struct HiddenInInt {}
  static var hiddenInInt: any Any.Type { HiddenInInt.self }
}

private struct Private {}
private struct PrivateKey: Hashable {}
private struct PrivateBox<Key: Hashable, Value> {}
private enum PrivateEnum: Error { case failed, other(Int) }
private final class PrivateClass {}
private final class PrivateShelf<Item> {}
private class PrivateBase<T> { var value: T? }
private final class PrivateDerived<U>: PrivateBase<Private> { var other: U? }
private actor PrivateActor {}
private struct PrivateFlexible<T: ~Copyable>: ~Copyable {}
extension PrivateFlexible: Copyable where T: Copyable {}
fileprivate struct FilePrivate {}
private struct Elements<S: Sequence> where S.Element: Hashable {}
private struct Zipped<A: Collection, B: Collection> where A.Element == B.Element, A.Index == Int {}
private struct Reference<T: AnyObject> {}
private struct OfBase<T: Base<Int>> {}
private struct Simple<T: BitwiseCopyable & Sendable> {}

func localTypes() -> (plain: [any Any.Type], generic: [any Any.Type]) {
  struct Local {}
  enum LocalBox<U> {}
  final class LocalClass {}
  return ([Local.self, LocalClass.self], [LocalBox<Int>.self, LocalBox<Local>.self, Box<Local>.self])
}

let closureType: any Any.Type = {
  struct InClosure {}
  return InClosure.self
}()

/// Types that a name finds.
let namedTypes: [any Any.Type] = [
  Int.self, String?.self, [Int: [String]].self, (Int, String).self, ((Int) -> String).self, (any Error).self,
  PublicSample.self, InternalSample.self, InternalSample.Nested.self, Box<Int>.self, Box<Int>.Plain.self,
  Box<Int>.ForInt.self, Outer<Int>.Inner<String>.self, Shelf<Int>.self, Derived<String>.self, Any.self,
  DecodingError.self, CancellationError.self, PackBox<Int, String>.self, Int.Type.self,
]

/// Types that no name finds, without generic arguments.
let hiddenTypes: [any Any.Type] =
  [
    Private.self, FilePrivate.self, PrivateEnum.self, PrivateClass.self, PrivateActor.self,
    InternalSample.hidden, closureType, Int.hiddenInInt,
  ] + localTypes().plain

/// Types that no name finds, with generic arguments somewhere.
let hiddenGenericTypes: [any Any.Type] =
  [
    Box<Private>.self, Box<Box<Private>>.self, Box<Private>.Plain.self, PrivateBox<PrivateKey, Int>.self,
    PrivateBox<String, Private>.self, Pair<Private, (Int, String)>.self, Pair<(Int) -> String, Private>.self,
    Pair<Private, any Error>.self, Outer<Int>.Inner<Private>.self, Outer<Private>.Inner<Int>.self,
    Outer<Private>.Inner<FilePrivate>.Innermost<Int, PrivateEnum>.self, HashableBox<PrivateKey>.self,
    PrivateFlexible<Int>.self, Shelf<Private>.self, Shelf<PrivateClass>.self, PrivateShelf<Int>.self,
    Derived<Private>.self,
    PrivateDerived<Int>.self, Private?.self, [Private].self, [PrivateKey: Private].self, Set<PrivateKey>.self,
    Result<Private, PrivateEnum>.self, [[Private?]].self,
    Elements<[Int]>.self, Elements<Set<PrivateKey>>.self, Zipped<[Int], ArraySlice<Int>>.self,
    Reference<PrivateClass>.self, OfBase<Derived<Private>>.self, Simple<Int>.self,
    Box<Int>.hiddenForInt, Box<Int>.genericForInt, Pair<Private, Private>.hiddenTwins,
    Pair<Private, [Private]>.hiddenDerived, [Private].hiddenInArray, [Int].hiddenInArray,
  ] + localTypes().generic

/// Types that have no form, each with a part of the reason.
let unsupportedTypes: [(type: any Any.Type, reason: String)] = [
  ((Private, Int).self, "no struct"), (((Private) -> Int).self, "no struct"),
  (Private.Type.self, "no struct"),
  (Box<(Private, Int)>.self, "no struct"), (PackBox<Int, Private>.self, "packs"),
  (FixedBox<3>.self, "integers"), (Box<FixedBox<3>>.self, "integers"),
  (Outer<Private>.Inner<String>.hiddenForString, "can't be told"), (deep(Private.self, levels: 80), "deeply"),
]

/// `Box<Box<…<Box<type>>…>>`.
func deep(_ type: any Any.Type, levels: Int) -> any Any.Type {
  func box<T>(_: T.Type) -> any Any.Type { Box<T>.self }
  return (0..<levels).reduce(type) { type, _ in _openExistential(type, do: box) }
}
