using System.Text;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Items that no schema would let through, valid as JSON. A reader has to skip each, and keep the others.</summary>
internal static class MalformedItems
{
    /// <summary>How many there are.</summary>
    public static int Count => Texts.Length;

    private static readonly string[] Texts =
    [
        "null",
        "17",
        "\"virtualmachine\"",
        "[]",
        "{}",
        """{"metadata":null}""",
        """{"metadata":{"name":17,"namespace":{}},"spec":"none","status":[]}""",
        """{"metadata":{"name":"bad-labels","namespace":"ns0","labels":["a","b"],"uid":null},"spec":{"template":null},"status":{"phase":5,"conditions":{"type":"Ready"},"interfaces":"none"}}""",
    ];

    public static ReadOnlyMemory<byte> All { get; } = Encoding.UTF8.GetBytes(string.Join(',', Texts));
}
