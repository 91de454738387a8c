import ParallelCore
import SystemPackage

extension Command {
  /// The numbers that further descriptors may get.
  static let descriptorNumbers: Range<Int32> = 3..<1 << 20
  private static let maxDescriptors = 253

  /// Throws for what can be known to be wrong before anything is opened.
  func check() throws(CommandError) {
    if let problem { throw CommandError(self, .invalid(problem)) }
  }

  private var problem: String? {
    if program.isEmpty { return "its program has no name" }
    if program.utf8.contains(0) { return "the name of its program contains a zero byte" }
    if let index = arguments.firstIndex(where: { $0.utf8.contains(0) }) {
      return "its argument \(index + 1) contains a zero byte, where the program would see its end"
    }
    if let name = environment.invalidName {
      return
        "no environment can hold the variable “\(name)”: names are not empty and contain no “=”, and neither "
        + "names nor values contain a zero byte"
    }
    if output == .sameAsOutput { return "its output can't go to where the output goes: name the place" }
    if let number = descriptors.keys.first(where: { !Self.descriptorNumbers.contains($0) }) {
      return
        "no further descriptor can get the number \(number): from 3 to \(Self.descriptorNumbers.upperBound - 1), "
        + "the standard streams are input, output and errors"
    }
    if descriptors.count > Self.maxDescriptors {
      return
        "\(descriptors.count) further descriptors are more than the \(Self.maxDescriptors) that are possible"
    }
    return GrantCheck(niceness: niceness, processors: processors, resourceLimits: resourceLimits)
      .problem(niceness: "its niceness", runner: "it needs")
  }
}
