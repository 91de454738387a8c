import Parallel

/// The task: adds up the amounts of an uploaded table, in a worker process.
///
/// A parser as they are often written: it takes for granted that each line has a name and an amount, and traps on the
/// first that has not.
struct ParseUpload: WorkerTask {
  /// Lines of the form `name,amount`.
  var table: [UInt8]

  /// What travels back.
  struct Output: Codable, Hashable {
    var rows: Int
    var total: Int
  }

  func run() -> Output {
    var output = Output(rows: 0, total: 0)
    for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      output.rows += 1
      guard let amount = Int(fields[1]) else { fatalError("no amount in line \(output.rows)") }
      output.total += amount
    }
    return output
  }
}
