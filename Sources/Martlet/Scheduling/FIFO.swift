/// First in, first out, in amortised constant time.
package struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    package init() {}

    package var count: Int { elements.count - head }
    package var isEmpty: Bool { count == 0 }
    /// Setting it replaces the first element, if there is one.
    package var first: Element? {
        get { isEmpty ? nil : elements[head] }
        set { if !isEmpty, let newValue { elements[head] = newValue } }
    }

    package mutating func append(_ element: Element) { elements.append(element) }

    @discardableResult
    package mutating func popFirst() -> Element? {
        guard head < elements.count, let element = elements[head] else { return nil }
        elements[head] = nil
        head += 1
        if head > 32, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}
