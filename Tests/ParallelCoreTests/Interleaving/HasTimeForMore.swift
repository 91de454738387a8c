import TestSupport

/// Whether the larger simulations run too: in release builds.
let hasTimeForMore = rounds(release: 20) == 20
