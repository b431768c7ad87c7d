/// The version of Martlet.
public enum MartletVersion {
    /// By semantic versioning, such as "0.1.0".
    public static let current = "0.1.0"
}
