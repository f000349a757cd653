namespace KubeVirtMonitor.Simulator;

/// <summary>What differs between the KubeVirt releases that can be simulated. Source: the KubeVirt sources at the tags v1.0.0, v1.2.2 and v1.9.0.</summary>
public sealed class SimulatedRelease
{
    private SimulatedRelease(KubeVirtVersion version, string goVersion)
    {
        Version = version;
        GoVersion = goVersion;
    }

    /// <summary>v1.0.0: the names before the great renaming of 1.1.</summary>
    public static SimulatedRelease V1Dot0 { get; } = new(new KubeVirtVersion(1, 0), "go1.19.9");

    /// <summary>v1.2.2: the names that the Datadog Agent checks were written against.</summary>
    public static SimulatedRelease V1Dot2 { get; } = new(new KubeVirtVersion(1, 2, 2), "go1.21.8");

    /// <summary>v1.9.0.</summary>
    public static SimulatedRelease V1Dot9 { get; } = new(new KubeVirtVersion(1, 9), "go1.26.1");

    /// <summary>All releases, oldest first.</summary>
    public static IReadOnlyList<SimulatedRelease> All { get; } = [V1Dot0, V1Dot2, V1Dot9];

    /// <summary>The exact version that is simulated.</summary>
    public KubeVirtVersion Version { get; }

    /// <summary>The Go version that the build reports.</summary>
    public string GoVersion { get; }

    /// <summary>The version as KubeVirt writes it, such as <c>v1.9.0</c>.</summary>
    public string Tag => $"v{Version}";

    /// <summary>The label value that stands for "not given": <c>&lt;none&gt;</c> before 1.6, empty since.</summary>
    public string None => IsV1Dot9 ? "" : "<none>";

    internal bool IsV1Dot0 => ReferenceEquals(this, V1Dot0);

    internal bool IsV1Dot2 => ReferenceEquals(this, V1Dot2);

    internal bool IsV1Dot9 => ReferenceEquals(this, V1Dot9);

    /// <summary>Finds the release of a version by major and minor.</summary>
    /// <exception cref="ArgumentException">The version is not simulated; the message names those that are.</exception>
    public static SimulatedRelease For(KubeVirtVersion version) =>
        All.FirstOrDefault(release => release.Version.Major == version.Major && release.Version.Minor == version.Minor)
        ?? throw new ArgumentException($"KubeVirt {version.Major}.{version.Minor} is not simulated. Choose 1.0, 1.2 or 1.9.", nameof(version));

    /// <inheritdoc/>
    public override string ToString() => Tag;
}
