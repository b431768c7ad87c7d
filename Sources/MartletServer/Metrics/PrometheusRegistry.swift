#if Server

internal import CoreMetrics
import Synchronization

/// A backend of swift-metrics that gives what was recorded as Prometheus' text, version 0.0.4.
///
/// Families that were declared have a help text, their own buckets and their place on the page; others, which
/// another library recorded, follow in the order in which they came.
final class PrometheusRegistry: MetricsFactory, Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    /// What is said of a family before anything is recorded.
    struct Declaration: Sendable {
        let name: String
        let help: String
        let kind: Kind
        var buckets: Histogram?
    }

    private struct Family {
        let declaration: Declaration
        var series: [String: any PrometheusSeries] = [:]
    }

    private struct State {
        var families: [Family] = []
        var places: [String: Int] = [:]
    }

    private let state = Mutex(State())

    init(_ declarations: [Declaration]) {
        state.withLock { state in
            for declaration in declarations { Self.add(declaration, &state) }
        }
    }

    @discardableResult
    private static func add(_ declaration: Declaration, _ state: inout State) -> Int {
        state.families.append(Family(declaration: declaration))
        state.places[declaration.name] = state.families.count - 1
        return state.families.count - 1
    }

    /// The series of that name and those labels, made if there is none. A name that is already another kind
    /// of metric gives a series that is on no page: two types under one name would make the whole page
    /// invalid.
    private func series<Series: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], _ kind: Kind, _ make: (Histogram) -> Series
    ) -> Series {
        let name = PrometheusText.name(label)
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            let place = state.places[name] ?? Self.add(Declaration(name: name, help: "", kind: kind), &state)
            let family = state.families[place].declaration
            if let known = state.families[place].series[labels] as? Series { return known }
            let made = make(family.buckets ?? .seconds)
            if family.kind == kind, state.families[place].series[labels] == nil {
                state.families[place].series[labels] = made
            }
            return made
        }
    }

    private func remove(_ series: any PrometheusSeries) {
        state.withLock { state in
            for place in state.families.indices {
                for (labels, known) in state.families[place].series where known === series {
                    state.families[place].series[labels] = nil
                }
            }
        }
    }

    /// The page: each declared family's header, then its samples in the order of their labels.
    var text: String {
        var text = ""
        for family in state.withLock({ $0.families }) {
            let (name, help) = (family.declaration.name, family.declaration.help)
            if !help.isEmpty { text += "# HELP \(name) \(help)\n" }
            text += "# TYPE \(name) \(family.declaration.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.append(name, labels, to: &text)
            }
        }
        return text
    }

    // MARK: MetricsFactory

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { _ in WholeCounter() }
    }

    func makeFloatingPointCounter(label: String, dimensions: [(String, String)])
        -> any FloatingPointCounterHandler
    {
        series(label, dimensions, .counter) { _ in FloatCounter() }
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { _ in GaugeSeries() }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return series(label, dimensions, .gauge) { _ in GaugeSeries() } }
        return series(label, dimensions, .histogram) { HistogramSeries($0) }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram) { HistogramSeries($0) }
    }

    func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func destroy(_ handler: AnyObject) {
        if let series = handler as? any PrometheusSeries { remove(series) }
    }
}

#endif
