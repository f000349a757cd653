namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A field of a protobuf message, and what it is in JSON.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Message">The fields of a message, by number, when it holds one.</param>
/// <param name="Repeated">Whether it may come more than once.</param>
internal sealed record ProtobufField(string Name, ProtobufKind Kind, IReadOnlyDictionary<int, ProtobufField>? Message = null, bool Repeated = false);
