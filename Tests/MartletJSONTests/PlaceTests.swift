import Testing

@testable import MartletJSON
