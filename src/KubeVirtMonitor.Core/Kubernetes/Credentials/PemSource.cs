using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>PEM text of a kubeconfig: the data itself, or a file that is read anew each time.</summary>
/// <param name="Data">The text; null when it is in a file.</param>
/// <param name="Path">The file; null when the data is at hand.</param>
/// <param name="Place">Where the kubeconfig gives it.</param>
/// <param name="Config">The kubeconfig; null when it comes from none.</param>
internal sealed record PemSource(byte[]? Data, string? Path, string Place, string? Config)
{
    /// <summary>For messages: the file, or the entry and its kubeconfig.</summary>
    public string Shown => Path ?? (Config is null ? Place : $"{Place} in {Config}");

    /// <summary>The data under <c>key-data</c>, which wins, or the file under <c>key</c>; null when there is neither.</summary>
    public static PemSource? Of(KubeConfigEntry entry, string key)
    {
        if (entry.Base64(key + "-data") is { } data) return new PemSource(data, null, entry.PlaceOf(key + "-data"), entry.File);
        return entry.FilePath(key) is { } path ? new PemSource(null, path, entry.PlaceOf(key), entry.File) : null;
    }

    public string Read() => LocalFile.DecodeAny(Data ?? ConfigFiles.ReadBytes(Path!, "file", entry: Place, config: Config));

    // A record would print the data.
    public override string ToString() => Shown;
}
