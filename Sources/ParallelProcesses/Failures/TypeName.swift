/// The type's name with its module, as a person wrote it: without the addresses that the runtime puts in place of what
/// encloses a private or local type.
func readableName(of type: any Any.Type) -> String {
  var name = String(reflecting: type)
  while let start = name.firstRange(of: "(unknown context at $"),
    let end = name[start.upperBound...].firstRange(of: ").")
  {
    name.removeSubrange(start.lowerBound..<end.upperBound)
  }
  return name
}
