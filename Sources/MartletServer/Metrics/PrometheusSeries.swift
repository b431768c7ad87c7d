#if Server

internal import CoreMetrics
import Synchronization

/// The values of one name and one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    /// - Parameter labels: In braces, or empty.
    func append(_ name: String, _ labels: String, to text: inout String)
}

final class WholeCounter: CounterHandler, PrometheusSeries {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func append(_ name: String, _ labels: String, to text: inout String) {
        text += "\(name)\(labels) \(value.load(ordering: .relaxed))\n"
    }
}

final class FloatCounter: FloatingPointCounterHandler, PrometheusSeries {
    private let value = Mutex(0.0)

    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }

    func append(_ name: String, _ labels: String, to text: inout String) {
        text += "\(name)\(labels) \(value.withLock { $0 })\n"
    }
}

/// A number that goes up and down; of recorded values the last one.
final class GaugeSeries: MeterHandler, RecorderHandler, PrometheusSeries {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func append(_ name: String, _ labels: String, to text: inout String) {
        text += "\(name)\(labels) \(value.withLock { $0 })\n"
    }
}

/// Counts of values by upper bounds; times are in seconds.
final class HistogramSeries: RecorderHandler, TimerHandler, PrometheusSeries {
    private let histogram: Mutex<Histogram>

    init(_ empty: Histogram) { histogram = Mutex(empty) }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { histogram.withLock { $0.observe(value) } }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }

    func append(_ name: String, _ labels: String, to text: inout String) {
        let histogram = histogram.withLock { $0 }
        var sum = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            sum += count
            text += "\(name)_bucket\(PrometheusText.adding("le", "\(bound)", to: labels)) \(sum)\n"
        }
        text += "\(name)_bucket\(PrometheusText.adding("le", "+Inf", to: labels)) \(histogram.count)\n"
        text += "\(name)_sum\(labels) \(histogram.sum)\n\(name)_count\(labels) \(histogram.count)\n"
    }
}

#endif
