namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What a protobuf field holds.</summary>
internal enum ProtobufKind
{
    Text,
    Bytes,
    Number,
    Flag,
    Message,

    /// <summary>A map from text to text.</summary>
    TextMap,

    /// <summary>A map from text to bytes, which JSON has in base 64.</summary>
    BytesMap,
}
