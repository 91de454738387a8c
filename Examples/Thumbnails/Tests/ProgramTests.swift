import Foundation
import Parallel
import Testing

@testable import Thumbnails

@Suite struct ProgramTests {
  private let folder = ScratchFolder()
  private let good = Samples.files.map(\.name).filter { $0 != Samples.corruptName }

  /// What the runtime says is printed in debug builds only; else the report names the signal.
  private func isCrash(_ line: String) -> Bool {
    #if DEBUG
      line.contains("Fatal error: Index out of range")
    #else
      line.contains("SIGILL") || line.contains("SIGTRAP")
    #endif
  }

  @Test func aCorruptPictureCostsItsOwnThumbnailOnly() async throws {
    #expect(try await ProgramRun(["--make-samples", "pictures"], in: folder).status == 0)
    let pictures = Samples.files.map { "pictures/\($0.name)" }
    let run = try await ProgramRun(
      ["--size", "50", "--to", "small", "--workers", "2"] + pictures, in: folder)
    #expect(run.status == 1)
    let failures = run.output.split(separator: "\n").filter { $0.hasPrefix("failed") }
    #expect(failures.count == 1, "\(run.output)")
    #expect(failures.first.map { isCrash(String($0)) && $0.contains("pictures/corrupt.ppm  ") } == true)
    for name in good {
      let picture = try Picture(decoding: folder.read("pictures/" + name))
      let thumbnail = try StoredPNG(folder.read("small/" + name + ".png")).picture
      #expect(thumbnail == picture.scaled(toFit: 50))
      #expect(run.output.contains("small/\(name).png  \(thumbnail.width) × \(thumbnail.height)\n"))
    }
    #expect(try folder.names("small").sorted() == good.map { $0 + ".png" }.sorted())
    // No terminal, no bar.
    #expect(!run.errors.contains("thumbnails ["))
  }

  @Test func goodPicturesAreNoFailure() async throws {
    try Samples.write(to: FilePath(folder.path + "/pictures"))
    let run = try await ProgramRun(["--quiet"] + good.map { "pictures/" + $0 }, in: folder)
    #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
    #expect(try folder.names("thumbnails").count == good.count)
  }

  @Test func whatIsNoPictureIsReported() async throws {
    try Data("words".utf8).write(to: URL(fileURLWithPath: folder.path + "/text"))
    let run = try await ProgramRun(["text", "missing"], in: folder)
    #expect(run.status == 1)
    #expect(run.output.contains("failed  text  not a picture: "))
    #expect(run.output.contains("failed  missing  No such file or directory"))
  }

  @Test(arguments: [[], ["--size", "0", "x"], ["--workers", "0", "x"], ["--workers", "many", "x"]])
  func badArgumentsAreRefused(arguments: [String]) async throws {
    let run = try await ProgramRun(arguments, in: folder)
    #expect(run.status == 64 && run.output.isEmpty && run.errors.contains("Error: "))
  }
}
