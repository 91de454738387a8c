import Parallel

/// The result as a text for people.
struct Report {
  var totals: Totals
  var duration: Duration
  var workers: Int

  /// Sections with an empty line between them; those with nothing to say are left out.
  func text(top: Int, listsSkipped: Bool) -> String {
    var sections = [frequentWords(top), summary]
    if listsSkipped { sections.append(skipped) }
    sections.append(failed)
    return sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func frequentWords(_ top: Int) -> String {
    guard top > 0 else { return "" }
    // Equally frequent words in the order of the alphabet, so that the same files make the same report.
    let words = totals.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return Table(
      columns: [.right, .left],
      rows: words.prefix(top).map { ["\($0.value)", $0.key.printable(limit: 60)] }
    ).text
  }

  private var summary: String {
    let speed = Double(totals.byteCount) / 1_000_000 / (duration / .seconds(1))
    var rows = [
      ["files", "\(totals.fileCount)"],
      ["words", "\(totals.wordCount)"],
      ["distinct words", "\(totals.counts.count)"],
      ["bytes", "\(totals.byteCount)"],
      ["MB/s", "\((speed * 10).rounded() / 10)"],
      ["workers", "\(workers)"],
    ]
    if !totals.skipped.isEmpty { rows.append(["skipped, no text", "\(totals.skipped.count)"]) }
    if !totals.failed.isEmpty { rows.append(["failed", "\(totals.failed.count)"]) }
    return Table(columns: [.left, .right], rows: rows).text
  }

  private var skipped: String {
    Table(columns: [.left, .left], rows: paths(totals.skipped).map { ["skipped", $0] }).text
  }

  private var failed: String {
    let rows = totals.failed.map { ["failed", $0.path.printable, $0.reason.printable(limit: 500)] }
    return Table(columns: [.left, .left, .left], rows: rows.sorted { $0[1] < $1[1] }).text
  }

  private func paths(_ paths: [FilePath]) -> [String] { paths.map(\.printable).sorted() }
}
