import ParallelCore
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct HostileReferenceTests {
  private let image = ImageIdentity.executable!

  private func parts(of type: any Any.Type) throws -> (image: ImageIdentity, offset: UInt) {
    guard case .descriptor(let image, let offset, _) = try TypeReference(type).node else {
      throw ParallelError(.misuse, "\(type) travels by name")
    }
    return (image, offset)
  }

  private func expectRefusal(
    _ node: TypeReference.Node, from source: TypeReference.Source = .parent,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ParallelError.self, sourceLocation: sourceLocation) {
      try TypeReference(node: node).resolve(trusting: source)
    }
    #expect(error?.code == .coding, sourceLocation: sourceLocation)
  }

  @Test func `only the exact place of a type is accepted`() throws {
    let (image, offset) = try parts(of: hiddenTypes[0])
    for distance in 1...64 as ClosedRange<UInt> {
      // Another type may well begin there: then that one is found, never something in between.
      for other in [offset - distance, offset + distance] where !other.isMultiple(of: 4) {
        expectRefusal(.descriptor(image: image, offset: other, arguments: []))
      }
    }
    for offset in [0, 1, 4, UInt.max, UInt.max - 3, UInt(Int.max), 1 << 47] {
      expectRefusal(.descriptor(image: image, offset: offset, arguments: []))
    }
  }

  @Test func `random places are refused or types`() {
    var random = SeededRandom(for: "random places")
    let size = LoadedImage.first { $0.isExecutable }!.addresses.count
    for _ in 0..<rounds(release: 20_000) {
      let offset = UInt.random(in: 0..<UInt(size), using: &random)
      let node = TypeReference.Node.descriptor(image: image, offset: offset, arguments: [])
      _ = try? TypeReference(node: node).resolve(trusting: .worker)
    }
  }

  @Test func `another build is refused`() throws {
    let (_, offset) = try parts(of: hiddenTypes[0])
    for identity in [
      .buildID([]), .buildID([1, 2, 3]), .file(device: 0, inode: 0, size: 0, modifiedNanoseconds: 0),
    ] as [ImageIdentity] {
      expectRefusal(.descriptor(image: identity, offset: offset, arguments: []))
    }
  }

  @Test func `a wrong number of arguments is refused`() throws {
    for type in hiddenTypes {
      let (image, offset) = try parts(of: type)
      for count in [1, 2, 16, 17] {
        expectRefusal(
          .descriptor(image: image, offset: offset, arguments: Array(repeating: .name("Si"), count: count)))
      }
    }
    let (image, offset) = try parts(of: hiddenGenericTypes[3])
    for count in [0, 1, 3, 40] {
      expectRefusal(
        .descriptor(image: image, offset: offset, arguments: Array(repeating: .name("Si"), count: count)))
    }
  }

  @Test func `arguments that break a constraint are refused`() throws {
    let (image, offset) = try parts(of: hiddenGenericTypes[3])  // its key must be Hashable
    expectRefusal(.descriptor(image: image, offset: offset, arguments: [.name("yp"), .name("Si")]))
    let twins = try parts(of: Pair<PublicSample, PublicSample>.hiddenTwins)
    expectRefusal(
      .descriptor(image: twins.image, offset: twins.offset, arguments: [.name("Si"), .name("SS")]))
    let forInt = try parts(of: Box<Int>.hiddenForInt)
    expectRefusal(.descriptor(image: forInt.image, offset: forInt.offset, arguments: [.name("SS")]))
  }

  @Test func `a tree that is too deep is refused`() throws {
    let (image, offset) = try parts(of: Box<FilePrivateProbe>.self)
    var node = TypeReference.Node.name("Si")
    for _ in 0..<10_000 { node = .descriptor(image: image, offset: offset, arguments: [node]) }
    expectRefusal(node)
  }

  @Test(arguments: [
    "", " ", "Si ", "Si\n", "S\u{0}i", "\u{1}abcd", "\u{2}abcd", "\u{1F}abcdefgh", "Sié", "x", "q_", "$s",
    "Sa", "SD", "y", "G", "yG", "_", "SiG", "SaySSSiG", "13", "99999999999999999999X", "S",
    "A", "AA", "A_", "SgSgSg", "4main", "Main.Type", "s5NeverO5OuterV", "$sSi", "SiIego_", "SiXDXDXD",
    "$5", "$", "Si_SSyp$t", "ySiYaYbKcqzBV", "Bi64_", "s11InlineArrayVy$3_SiG",
  ])
  func `a name that is no type is refused`(name: String) {
    expectRefusal(.name(name))
    expectRefusal(.name(name), from: .worker)
  }
}

private struct FilePrivateProbe {}
