namespace KubeVirtMonitor.Scraping;

/// <summary>Whether a server is asked to compress its answer.</summary>
public enum BodyCompression
{
    /// <summary>gzip, as Prometheus asks for it. Exposition text packs so well that unpacking costs less than receiving and decrypting it plain, even on loopback.</summary>
    Gzip,

    /// <summary>Plain: no packing at the server.</summary>
    None,
}
