/// A type with unconstrained generic parameters and nothing else: the scope in which the runtime reads
/// `x`, `q_`, `q0_`… as the first, second, third… of the types it was given.
enum ArgumentSlots<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P> {}

extension ArgumentSlots
where
  A == Never, B == Never, C == Never, D == Never, E == Never, F == Never, G == Never, H == Never, I == Never,
  J == Never, K == Never, L == Never, M == Never, N == Never, O == Never, P == Never
{
  /// How many arguments there can be.
  static var limit: Int { 16 }

  static var descriptor: NominalDescriptor? { NominalMetadata(Self.self)?.descriptor }
}
