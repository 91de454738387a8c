import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct RandomTreeTests {
  /// Honest nodes to build dishonest trees from: right descriptors, wrong arguments.
  private let nodes: [TypeReference.Node]

  init() throws {
    nodes = try (namedTypes + hiddenTypes + hiddenGenericTypes).map { try TypeReference($0).node }
  }

  @Test func `descriptors with random arguments are refused or types`() {
    var random = SeededRandom(for: "random trees")
    var found = 0
    for _ in 0..<rounds(release: 40_000) {
      let reference = TypeReference(node: tree(depth: 3, &random))
      if (try? reference.resolve(trusting: .parent)) != nil { found += 1 }
    }
    #expect(found > 0, "no tree got as far as the runtime")
  }

  private func tree(depth: Int, _ random: inout SeededRandom) -> TypeReference.Node {
    let node = nodes.randomElement(using: &random)!
    guard depth > 0, case .descriptor(let image, let offset, let arguments) = node else { return node }
    let isMiscounted = Int.random(in: 0..<20, using: &random) == 0
    let count = isMiscounted ? Int.random(in: 0...17, using: &random) : arguments.count
    let others = (0..<count).map { _ in tree(depth: depth - 1, &random) }
    return .descriptor(image: image, offset: offset, arguments: others)
  }
}
