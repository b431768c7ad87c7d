import Testing

@testable import MartletModels
