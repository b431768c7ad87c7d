import Testing

@testable import Martlet
