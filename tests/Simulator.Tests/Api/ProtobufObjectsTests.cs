using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Protobuf messages written out by hand: tag = number of the field times 8 plus the wire type, then the length and the content.</summary>
public class ProtobufObjectsTests
{
    [Fact]
    public void A_config_map()
    {
        byte[] type = [.. Field(1, "v1"u8), .. Field(2, "ConfigMap"u8)];
        byte[] metadata = [.. Field(1, "cm"u8), .. Field(2, ""u8), .. Field(3, "ns0"u8), .. Field(99, "unknown"u8)];
        byte[] content = [.. Field(1, metadata), .. Field(2, [.. Field(1, "k"u8), .. Field(2, "v"u8)]), .. Field(3, [.. Field(1, "b"u8), .. Field(2, [0xFF])]), 4 << 3, 1];
        JsonObject read = ProtobufObjects.Read((byte[])[.. "k8s\0"u8, .. Field(1, type), .. Field(2, content)]);
        const string Expected = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm","namespace":"ns0"},"data":{"k":"v"},"binaryData":{"b":"/w=="},"immutable":true}""";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Expected), read), read.ToJsonString());
    }

    [Fact]
    public void Lists_and_messages_within_messages()
    {
        byte[] type = [.. Field(1, "rbac.authorization.k8s.io/v1"u8), .. Field(2, "ClusterRole"u8)];
        byte[] rule = [.. Field(1, "get"u8), .. Field(1, "list"u8), .. Field(2, ""u8), .. Field(3, "pods"u8)];
        JsonObject read = ProtobufObjects.Read((byte[])[.. "k8s\0"u8, .. Field(1, type), .. Field(2, Field(2, rule))]);
        Assert.Equal("""[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]}]""", read["rules"]!.ToJsonString());
    }

    [Fact]
    public void What_cannot_be_read()
    {
        Assert.Equal(400, Assert.Throws<ApiException>(() => ProtobufObjects.Read("{}"u8.ToArray())).Status.Code);
        Assert.Equal(415, Assert.Throws<ApiException>(() => ProtobufObjects.Read((byte[])[.. "k8s\0"u8, .. Field(1, Field(2, "Pod"u8))])).Status.Code);
        Assert.Equal(400, Assert.Throws<ApiException>(() => ProtobufObjects.Read((byte[])[.. "k8s\0"u8, 10, 200])).Status.Code);
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content) => number > 15
        ? [(byte)(((number << 3) | 2) & 0x7F | 0x80), (byte)(number >> 4), (byte)content.Length, .. content]
        : [(byte)((number << 3) | 2), (byte)content.Length, .. content];
}
