import MartletData

/// The sessions that logind knows, by its property `IdleHint`: of a desktop what the desktop says, of a
/// terminal whether nobody has typed for five minutes. Where there is no logind, as in a container, nothing
/// tells.
///
/// <https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html>, through the
/// system's libsystemd.
package struct LoginSessions: SessionReader {
    private struct Functions {
        typealias Bus = OpaquePointer
        typealias Text = UnsafePointer<CChar>

        let open: @convention(c) (UnsafeMutablePointer<Bus?>) -> Int32
        /// Of a bus, a service, an object, an interface and a member; nil, a type, and the value.
        let property:
            @convention(c) (
                Bus?, Text, Text, Text, Text, UnsafeMutableRawPointer?, CChar, UnsafeMutableRawPointer
            ) -> Int32
        let setTimeout: (@convention(c) (Bus?, UInt64) -> Int32)?
        let close: @convention(c) (Bus?) -> Bus?

        static let shared: Functions? = {
            guard let library = DynamicLibrary(["libsystemd.so.0"]),
                let open = library.function(
                    "sd_bus_open_system", as: (@convention(c) (UnsafeMutablePointer<Bus?>) -> Int32).self),
                let property = library.function(
                    "sd_bus_get_property_trivial",
                    as: (@convention(c) (
                        Bus?, Text, Text, Text, Text, UnsafeMutableRawPointer?, CChar, UnsafeMutableRawPointer
                    ) -> Int32).self),
                let close = library.function(
                    "sd_bus_flush_close_unref", as: (@convention(c) (Bus?) -> Bus?).self)
            else { return nil }
            let setTimeout = library.function(
                "sd_bus_set_method_call_timeout", as: (@convention(c) (Bus?, UInt64) -> Int32).self)
            return Functions(open: open, property: property, setTimeout: setTimeout, close: close)
        }()
    }

    package init() {}

    package func isInUse() -> Bool? {
        guard let functions = Functions.shared else { return nil }
        var bus: Functions.Bus?
        guard functions.open(&bus) >= 0 else { return nil }
        defer { _ = functions.close(bus) }
        _ = functions.setTimeout?(bus, 500_000)
        // A boolean of D-Bus is an int in C.
        var isIdle: Int32 = 0
        let code = functions.property(
            bus, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
            "IdleHint", nil, CChar(UInt8(ascii: "b")), &isIdle)
        return code >= 0 ? isIdle == 0 : nil
    }
}
