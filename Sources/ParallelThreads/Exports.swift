// The error that this module throws, so that its users need no second import to catch it.
@_exported public import struct ParallelCore.ParallelError
