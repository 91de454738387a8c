@_exported public import struct ParallelCore.LimitedResource
@_exported public import struct ParallelCore.ParallelError
@_exported public import enum ParallelCore.ProcessExitStatus
@_exported public import struct ParallelCore.ResourceLimit
@_exported public import struct ParallelCore.ResourceUsage
