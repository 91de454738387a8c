import ParallelCore
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct TypeReferenceBytesTests {
  private let types = namedTypes + hiddenTypes + hiddenGenericTypes

  @Test func `bytes lead back to an equal reference`() throws {
    for type in types {
      let reference = try TypeReference(type)
      #expect(try TypeReference(bytes: reference.bytes) == reference)
    }
  }

  @Test func `all numbers survive`() throws {
    let image = ImageIdentity.file(device: .max, inode: 0, size: .max, modifiedNanoseconds: .min)
    let reference = TypeReference(
      node: .descriptor(image: image, offset: .max, arguments: [.name(""), .name("Si")]))
    #expect(try TypeReference(bytes: reference.bytes) == reference)
  }

  @Test func `every truncation and every appended byte is refused`() throws {
    for type in types {
      let bytes = try TypeReference(type).bytes
      for count in bytes.indices {
        #expect(throws: ParallelError.self) { try TypeReference(bytes: Array(bytes.prefix(count))) }
      }
      #expect(throws: ParallelError.self) { try TypeReference(bytes: bytes + [0]) }
    }
  }

  @Test(
    arguments: [
      [], [2], [0, 1], [0, 1, 0xFF], [1, 2], [1, 0, 65] + Array(repeating: 0, count: 80),
      [0] + Array(repeating: 0x80, count: 20), [0] + Array(repeating: 0xFF, count: 9) + [0x02],
      [0] + Array(repeating: 0xFF, count: 9) + [0x01], [1, 0, 0, 0, 17] + Array(repeating: 0, count: 40),
      Array(repeating: 0, count: 70_000),
    ] as [[UInt8]])
  func `malformed bytes are refused`(bytes: [UInt8]) {
    let error = #expect(throws: ParallelError.self) { try TypeReference(bytes: bytes) }
    #expect(error?.code == .coding)
  }

  @Test func `deep trees are refused before they are built`() {
    let bytes = Array(repeating: [1, 0, 0, 0, 1] as [UInt8], count: 10_000).flatMap { $0 }
    #expect(throws: ParallelError.self) { try TypeReference(bytes: bytes) }
  }

  @Test func `changed bytes never crash`() throws {
    var random = SeededRandom(for: "changed bytes")
    let originals = try types.map { try TypeReference($0).bytes }
    for _ in 0..<rounds(release: 100_000) {
      var bytes = originals.randomElement(using: &random)!
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        bytes[bytes.indices.randomElement(using: &random)!] = .random(in: 0...255, using: &random)
      }
      guard let reference = try? TypeReference(bytes: bytes) else { continue }
      _ = try? reference.resolve(trusting: .worker)
      _ = try? reference.resolve(trusting: .parent)
    }
  }
}
