// One import for everything, with the types of swift-system that public signatures use.
@_exported public import ParallelCommands
@_exported public import ParallelFutures
@_exported public import ParallelProcesses
@_exported public import ParallelThreads
@_exported public import struct SystemPackage.Errno
@_exported public import struct SystemPackage.FileDescriptor
@_exported public import struct SystemPackage.FilePath
