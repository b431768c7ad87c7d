#if Command && Server && os(Linux)

import Testing

/// A server that may use few addresses: it answers, refuses or ends with a message, and never waits for ever or
/// ends in a signal.
@Suite(.serialized) struct AddressSpaceServeTests {
    /// Sixty requests of three sizes at the same time, then the statuses of the answers, and at the end that of
    /// the server. `timeout` ends it with a signal if it does not end by itself; `--foreground`, as it passes SIGTERM
    /// on twice else, and a second one ends the server at once.
    private static let script = """
        log=$(mktemp); answers=$(mktemp)
        (ulimit -v LIMIT; exec timeout --foreground -s KILL 90 martlet serve --port 0 --precision f32 --threads 2) 2>$log &
        server=$!
        for i in $(seq 300); do
            grep -q 'model loaded' $log && break
            kill -0 $server 2>/dev/null || break
            sleep 0.1
        done
        port=$(sed -n 's/.*address=http:..127.0.0.1:\\([0-9]*\\).*/\\1/p' $log)
        ask() {
            exec 3<>/dev/tcp/127.0.0.1/$port || return
            printf 'POST /v1/embeddings HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \\
                ${#1} "$1" >&3
            head -n 1 <&3 | cut -c 1-12 >>$answers
            exec 3>&-
        }
        small='{"input": "a cat"}'
        middle='{"input": ["'$(head -c 100000 /dev/zero | tr '\\0' 'a')'"]}'
        large='{"input": ['$(head -c 400000 /dev/zero | tr '\\0' ' ' | sed 's/ /7,/g')'7]}'
        if [ -n "$port" ]; then
            for i in $(seq 20); do ask "$small" & ask "$middle" & ask "$large" & done 2>/dev/null
            for job in $(jobs -p); do [ $job = $server ] || wait $job; done
            kill -TERM $server 2>/dev/null
        fi
        wait $server; echo "status $?"
        sort $answers | uniq -c; grep 'error' $log
        rm -f $log $answers
        """

    @Test(arguments: [40_000, 110_000, 160_000, 220_000, 300_000])
    func aServerAnswersRefusesOrEnds(_ room: Int) throws {
        let lines = try Shell.run(
            "for v in 100000 150000 200000 300000 400000 600000 800000 1200000; do "
                + "if (ulimit -v $v; martlet --version) >/dev/null 2>&1; then echo $v; break; fi; done")
        let least = try #require(lines.first.flatMap { Int($0) })
        let script = Self.script.replacing("LIMIT", with: "\(least + room)")
        let found = try Shell.run("bash <<'END'\n\(script)\nEND\ntrue")
        let line = found.first { $0.hasPrefix("status ") }
        let status = try #require(line?.split(separator: " ").last.flatMap { Int($0) }, "\(found)")
        #expect(status == 0 || status == 1, "\(found)")
        #expect(status == 0 || found.contains { $0.hasPrefix("martlet: error: ") }, "\(found)")
        if status == 0 { #expect(found.contains { $0.hasSuffix("HTTP/1.1 200") }, "\(found)") }
    }
}

#endif
