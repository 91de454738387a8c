import SystemPackage
import Testing

@testable import ParallelProcesses

@Suite struct ImageIdentityTests {
  @Test func `the executable has an identity`() throws {
    let identity = try #require(ImageIdentity.executable)
    if case .buildID(let id) = identity { #expect(id.count >= 8) }
  }

  @Test func `an image is found by an address and by its identity, and only one is the executable`() throws {
    let executable = try #require(LoadedImage.first { $0.isExecutable })
    let library = try #require(LoadedImage.first { !$0.isExecutable && $0.identity != nil })
    for image in [executable, library] {
      let found = try #require(LoadedImage.containing(image.addresses.lowerBound))
      #expect(found.identity == image.identity)
      #expect(LoadedImage.first { $0.identity == image.identity }?.addresses == image.addresses)
    }
    #expect(executable.identity != library.identity)
    #expect(LoadedImage.containing(1) == nil)
    #expect(LoadedImage.containing(.max) == nil)
  }

  @Test func `equal bytes are equal identities`() {
    let identities: [ImageIdentity] = [
      .buildID([]), .buildID([1]), .buildID([1, 0]),
      .file(device: 1, inode: 2, size: 3, modifiedNanoseconds: 4),
      .file(device: 1, inode: 2, size: 3, modifiedNanoseconds: -4),
    ]
    #expect(Set(identities.map(\.bytes)).count == identities.count)
    #expect(ImageIdentity.executable?.bytes == ImageIdentity.executable?.bytes)
  }

  @Test func `a place is counted from where the image was loaded`() throws {
    let type = hiddenTypes[0]
    let address = try #require(NominalMetadata(type)).descriptor.address
    var image = try #require(LoadedImage.containing(address))
    let offset = address - image.bias
    #expect(image.descriptor(atOffset: offset)?.address == address)
    // The same file elsewhere: the same offset leads to another address.
    image.bias += 4096
    #expect(image.descriptor(atOffset: offset - 4096)?.address == address)
  }

  @Test func `files are told apart without a build id`() throws {
    let program = try ImageIdentity(ofFileAt: "/proc/self/exe")
    #expect(try ImageIdentity(ofFileAt: "/proc/self/exe") == program)
    #expect(try ImageIdentity(ofFileAt: "/proc/self/status") != program)
    #expect(throws: Errno.noSuchFileOrDirectory) { try ImageIdentity(ofFileAt: "/nowhere/at/all") }
  }
}
