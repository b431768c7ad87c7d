import Testing

@testable import MartletTokenizers
