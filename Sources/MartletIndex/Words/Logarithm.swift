private import MartletSystem

/// The natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }
