#if Server

internal import MartletSystem

typealias Clock = MonotonicClock

#endif
