import ParallelCore
import Testing

@testable import ParallelProcesses

@Suite struct TypeReferenceTests {
  @Test(arguments: namedTypes.indices)
  func `a visible type travels by name`(index: Int) throws {
    let type = namedTypes[index]
    let reference = try TypeReference(type)
    guard case .name = reference.node else {
      Issue.record("\(type) travels as \(reference)")
      return
    }
    #expect(try reference.resolve(trusting: .parent) == type)
  }

  @Test(arguments: (hiddenTypes + hiddenGenericTypes).indices)
  func `a hidden type travels by its descriptor`(index: Int) throws {
    let type = (hiddenTypes + hiddenGenericTypes)[index]
    let reference = try TypeReference(type)
    guard case .descriptor = reference.node else {
      Issue.record("\(type) travels as \(reference)")
      return
    }
    #expect(try reference.resolve(trusting: .parent) == type)
  }

  @Test(arguments: unsupportedTypes.indices)
  func `a type without a form is refused by name and reason`(index: Int) throws {
    let (type, reason) = unsupportedTypes[index]
    let error = #expect(throws: ParallelError.self) { try TypeReference(type) }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("The type ") == true)
    #expect(error?.message.contains(reason) == true, "\(error as Any)")
  }

  @Test func `different types have different references`() throws {
    let types = namedTypes + hiddenTypes + hiddenGenericTypes
    let references = try Set(types.map { try TypeReference($0) })
    #expect(references.count == Set(types.map { ObjectIdentifier($0) }).count)
  }

  @Test func `nesting is accepted up to its limit`() throws {
    let type = deep(hiddenTypes[0], levels: TypeReference.Limit.depth)
    #expect(try TypeReference(type).resolve(trusting: .parent) == type)
    #expect(throws: ParallelError.self) {
      try TypeReference(deep(hiddenTypes[0], levels: TypeReference.Limit.depth + 1))
    }
  }

  @Test func `types resolve on many threads at once`() async throws {
    let types = namedTypes + hiddenTypes + hiddenGenericTypes
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for type in types {
            let found = try TypeReference(type).resolve(trusting: .parent)
            #expect(ObjectIdentifier(found) == ObjectIdentifier(type))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
