import Testing

@testable import MartletWeights
