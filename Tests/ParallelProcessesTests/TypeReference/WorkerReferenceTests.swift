import ParallelCore
import Testing

@testable import ParallelProcesses

/// What a worker may refer to, and what only its parent may.
@Suite struct WorkerReferenceTests {
  private func accepts(_ name: String) -> Bool { TypeReference.Source.worker.namePolicy.accepts(name) }

  @Test func `errors of the library and of the executable are found`() throws {
    for type in [
      DecodingError.self, EncodingError.self, CancellationError.self, ParallelError.self, PublicSample.self,
      InternalSample.Nested.self, Box<Int>.self, Pair<PublicSample, InternalSample>.self, [Int].self,
      Box<Int>.ForInt.self, Int?.self, TypeReferenceTests.self,
    ] as [any Any.Type] {
      #expect(try TypeReference(type).resolve(trusting: .worker) == type)
    }
    for type in hiddenTypes { #expect(try TypeReference(type).resolve(trusting: .worker) == type) }
  }

  @Test func `generic types by descriptor are refused`() throws {
    for type in hiddenGenericTypes {
      let reference = try TypeReference(type)
      #expect(throws: ParallelError.self) { try reference.resolve(trusting: .worker) }
    }
  }

  @Test func `types of libraries by descriptor are refused`() throws {
    let metadata = try #require(NominalMetadata(Int.self))
    let image = try #require(LoadedImage.containing(metadata.descriptor.address))
    let reference = TypeReference(
      node: .descriptor(
        image: try #require(image.identity), offset: metadata.descriptor.address - image.bias, arguments: []))
    let found = try reference.resolve(trusting: .parent)
    #expect(ObjectIdentifier(found) == ObjectIdentifier(Int.self))
    try #require(!image.isExecutable, "the standard library is linked statically")
    #expect(throws: ParallelError.self) { try reference.resolve(trusting: .worker) }
  }

  @Test(arguments: ["Si_Sit", "SiSic", "yp", "Sim", "s5Error_p", "SiSg13", "Si_SitXD"])
  func `tuples, functions, existentials and unknown operators are refused`(name: String) {
    #expect(!accepts(name))
  }

  @Test func `a name that multiplies is refused before it is looked up`() {
    // Each round is the type before it, twice.
    let pairs = "SiSgSDyABABG" + String(repeating: "SDyACACG", count: 40)
    #expect(!accepts(pairs))
    #expect(!accepts("SiA2000B"))
    #expect(!accepts("A" + String(repeating: "a", count: 40) + "A"))
    #expect(!accepts("Si" + String(repeating: "Sg", count: 40)))
  }

  @Test func `identifiers hide operators`() {
    #expect(accepts("4main6t_pXDtV"))
    #expect(accepts("4main3FooV0B3BarV"))
    #expect(!accepts("4main6t_pXDt_t"))
    #expect(!accepts("4main99FooV"))
  }

  @Test func `names are bounded in length`() {
    for (source, limit) in [(TypeReference.Source.worker, 1024), (.parent, 4096)] {
      let name = String(repeating: "2aaV", count: limit / 4)
      #expect(source.namePolicy.accepts(name))
      #expect(!source.namePolicy.accepts(name + "V"))
    }
  }
}
