#if Server

/// First in, first out, in amortised constant time.
struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    /// Setting it replaces the first element, if there is one.
    var first: Element? {
        get { isEmpty ? nil : elements[head] }
        set { if !isEmpty, let newValue { elements[head] = newValue } }
    }

    mutating func append(_ element: Element) { elements.append(element) }

    @discardableResult
    mutating func popFirst() -> Element? {
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

#endif
