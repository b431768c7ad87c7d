import Testing

@testable import MartletCLI
