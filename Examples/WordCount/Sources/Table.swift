/// Rows of text in aligned columns.
struct Table {
  enum Alignment {
    case left
    case right
  }

  var columns: [Alignment]
  /// Each with as many cells as there are columns.
  var rows: [[String]]

  /// One line a row; empty without rows.
  var text: String {
    let widths = columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if column > 0 { line += "  " }
        line += columns[column] == .left ? cell + padding : padding + cell
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
