using System.Text;
using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

/// <summary>Holds the catalogue against recorded scrapes and against the lists of metrics that KubeVirt itself defines.</summary>
public sealed class CatalogEvidenceTests
{
    private static readonly MetricCatalog Catalog = MetricCatalog.Default;

    [Theory]
    [InlineData("virt-api-v1.2.2.prom", ComponentKind.Api, "1.2.2")]
    [InlineData("virt-api-v1.9.0.prom", ComponentKind.Api, "1.9.0")]
    [InlineData("virt-controller-v1.9.0.prom", ComponentKind.Controller, "1.9.0")]
    [InlineData("virt-handler-v1.2.2.prom", ComponentKind.Handler, "1.2.2")]
    [InlineData("virt-handler-v1.9.0-10vmis.prom", ComponentKind.Handler, "1.9.0")]
    public void Every_sample_of_a_recorded_scrape_is_known_for_its_version_and_type(string file, ComponentKind component, string version)
    {
        Dictionary<string, string> types = [];
        HashSet<string> samples = [];
        foreach (string line in File.ReadLines(SharedFiles.Require("scrapes/" + file)))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) types.Add(line.Split(' ')[2], line.Split(' ')[3]);
            else if (line.Length > 0 && line[0] != '#') samples.Add(line[..line.IndexOfAny(['{', ' '])]);
        }

        samples.Remove("kubevirt_info");
        Each.Of(samples, sample =>
        {
            CatalogEntry? entry = Catalog.Find(component, Encoding.UTF8.GetBytes(sample), KubeVirtVersion.Parse(version));
            Assert.True(entry is not null, sample);
            RawMetric raw = entry.RawFor(KubeVirtVersion.Parse(version));
            Assert.True(raw.AppliesTo(KubeVirtVersion.Parse(version)), $"{sample} is not in {version}");
            Assert.Equal(types[raw.Name], raw.Type);
        });

        ComponentKind[] told = [.. samples.Select(sample => ComponentSignatures.Recognise(Encoding.UTF8.GetBytes(sample))).OfType<ComponentKind>().Distinct()];
        Assert.Equal(file == "virt-api-v1.2.2.prom" ? [] : [component], told);
    }

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("1.3.0")]
    [InlineData("1.5.0")]
    [InlineData("1.7.0")]
    [InlineData("1.9.0")]
    public void Each_version_has_exactly_the_families_that_KubeVirt_defines(string version)
    {
        KubeVirtVersion parsed = KubeVirtVersion.Parse(version);
        HashSet<(ComponentKind, string)> defined = [];
        foreach (Dictionary<string, string> row in SharedFiles.Rows(SharedFiles.Require($"spec/kubevirt-metrics/metrics-v{version}.tsv")))
        {
            // The reflector metrics of 1.0 to 1.2 are registered, but the Kubernetes client no longer feeds them: no endpoint carries them.
            if (row["kind"] != "Metric" || row["name"] == "kubevirt_info" || row["component"] == "common/reflector") continue;
            foreach (ComponentKind component in Components(row["component"])) defined.Add((component, row["name"]));
        }

        // Defined in virt-operator's own source, which the list of 1.0 leaves out.
        if (version == "1.0.0") defined.UnionWith([(ComponentKind.Operator, "kubevirt_virt_operator_leading"), (ComponentKind.Operator, "kubevirt_virt_operator_ready")]);

        string[] ofLibraries = ["go_", "process_", "promhttp_"];
        HashSet<(ComponentKind, string)> known = [.. Catalog.Definitions.SelectMany(definition => definition.RawMetrics
            .Where(raw => raw.AppliesTo(parsed) && !ofLibraries.Any(prefix => raw.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(raw => (definition.Component, raw.Name)))];
        Assert.Equal([], defined.Except(known));
        Assert.Equal([], known.Except(defined));
    }

    private static ComponentKind[] Components(string name) => name switch
    {
        "virt-api" => [ComponentKind.Api],
        "virt-controller" => [ComponentKind.Controller],
        "virt-handler" => [ComponentKind.Handler],
        "virt-operator" => [ComponentKind.Operator],
        "common/client" => Enum.GetValues<ComponentKind>(),
        "common/workqueue" => [ComponentKind.Controller, ComponentKind.Handler, ComponentKind.Operator],
        "common/vmisync" => [ComponentKind.Controller, ComponentKind.Handler],
        _ => throw new InvalidDataException($"An unknown component: {name}"),
    };
}
