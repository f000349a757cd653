using System.Text.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>The simulated answers beside recorded ones of a real API server 1.32 with KubeVirt 1.9.0.</summary>
public class RecordedApiShapeTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private const string Group = "/apis/kubevirt.io/v1/";

    /// <summary>Fields that a recorded object has and ours need not: they belong to the harness, or are rare extras.</summary>
    private static readonly string[] Extras =
    [
        "metadata.managedFields", "metadata.annotations", "metadata.labels", "metadata.ownerReferences.blockOwnerDeletion", "spec.livenessProbe", "spec.readinessProbe", "spec.evictionStrategy",
        "spec.startStrategy", "spec.domain.features", "spec.domain.cpu.model", "spec.domain.memory.maxGuest", "spec.template.metadata.annotations", "spec.template.spec.readinessProbe",
        "spec.template.spec.livenessProbe", "spec.template.spec.evictionStrategy", "spec.volumes.containerDisk.imagePullPolicy", "status.activePods", "status.virtualMachineRevisionName",
        "status.memory.memoryOverhead", "status.desiredGeneration", "status.observedGeneration", "status.template", "spec.template.metadata.labels", "status.conditions.message", "status.conditions.reason",
        "status.migrationState", "status.migrationMethod", "status.startFailure", "spec.taints",
    ];

    [Theory]
    [InlineData("scrapes/api/vms.json", Group + "virtualmachines")]
    [InlineData("scrapes/api/vmis.json", Group + "virtualmachineinstances")]
    [InlineData("scrapes/api/vmim.json", Group + "virtualmachineinstancemigrations")]
    [InlineData("scrapes/api/nodes.json", "/api/v1/nodes")]
    [InlineData("scrapes/api/events.json", "/api/v1/events")]
    public async Task Every_recorded_field_is_there_in_some_object(string file, string path)
    {
        HashSet<string> recorded = [];
        foreach (JsonElement item in JsonDocument.Parse(await File.ReadAllTextAsync(SharedFiles.Require(file), TestContext.Current.CancellationToken)).RootElement.GetProperty("items").EnumerateArray()) Collect(item, "", recorded);
        Assert.NotEmpty(recorded);
        HashSet<string> simulated = ["kind", "apiVersion"];
        foreach (JsonElement item in (await cluster.GetAsync(path)).Json.GetProperty("items").EnumerateArray()) Collect(item, "", simulated);
        string[] missing = [.. recorded.Where(field => !simulated.Contains(field) && !Extras.Any(extra => field == extra || field.StartsWith(extra + ".", StringComparison.Ordinal))).Order(StringComparer.Ordinal)];
        Assert.True(missing.Length == 0, $"{path} lacks {string.Join(", ", missing)}.");
    }

    [Fact]
    public async Task A_page_has_the_recorded_form()
    {
        JsonElement recorded = JsonDocument.Parse(await File.ReadAllTextAsync(SharedFiles.Require("scrapes/api/vm-list-limit3.json"), TestContext.Current.CancellationToken)).RootElement;
        JsonElement page = (await cluster.GetAsync(Group + "namespaces/ns0/virtualmachines?limit=3")).Json;
        Assert.Equal(Keys(recorded), Keys(page));
        Assert.Equal(Keys(recorded.GetProperty("metadata")), Keys(page.GetProperty("metadata")));
        JsonElement token = Decode(recorded);
        Assert.Equal(Keys(token), Keys(Decode(page)));
        Assert.Equal("vm-00005\0", Decode(page).GetProperty("start").GetString());
        Assert.EndsWith("\0", token.GetProperty("start").GetString(), StringComparison.Ordinal);
        static JsonElement Decode(JsonElement list) => JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(list.GetProperty("metadata").GetProperty("continue").GetString())).RootElement;
    }

    [Theory]
    [InlineData("scrapes/api/version.json", "/version")]
    [InlineData("scrapes/api/healthz-virt-api.json", "/apis/subresources.kubevirt.io/v1/healthz")]
    [InlineData("scrapes/api/apis-kubevirt.io.json", "/apis/kubevirt.io")]
    [InlineData("scrapes/api/apis-subresources-v1.json", "/apis/subresources.kubevirt.io/v1")]
    public async Task Documents_have_the_recorded_form(string file, string path)
    {
        HashSet<string> recorded = [];
        Collect(JsonDocument.Parse(await File.ReadAllTextAsync(SharedFiles.Require(file), TestContext.Current.CancellationToken)).RootElement, "", recorded);
        HashSet<string> simulated = [];
        Collect((await cluster.GetAsync(path)).Json, "", simulated);

        // The recorded server was a 1.32; one of 1.36 tells which versions it emulates and is compatible with, too.
        simulated.RemoveWhere(static field => field.Contains("emulation", StringComparison.Ordinal) || field.Contains("minCompatibility", StringComparison.Ordinal));
        Assert.Equal(recorded.Order(StringComparer.Ordinal), simulated.Order(StringComparer.Ordinal));
    }

    private static string[] Keys(JsonElement map) => [.. map.EnumerateObject().Select(property => property.Name)];

    /// <summary>The paths of all fields; elements of lists count alike, and the keys of maps such as capacities stand for themselves.</summary>
    private static void Collect(JsonElement item, string path, HashSet<string> fields)
    {
        if (item.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement element in item.EnumerateArray()) Collect(element, path, fields);
        }
        else if (item.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in item.EnumerateObject())
            {
                string name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                fields.Add(name);
                Collect(property.Value, name, fields);
            }
        }
    }
}
