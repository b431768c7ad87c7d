import Testing

@testable import MartletCompute
