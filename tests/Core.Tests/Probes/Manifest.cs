using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Yaml;

namespace KubeVirtMonitor.Tests.Probes;

/// <summary>Manifests of the tests.</summary>
internal static class Manifest
{
    /// <summary>The one object of a text.</summary>
    public static VmiManifest One(string yaml) => Assert1(ManifestReader.ReadContent(yaml, new YamlReader()).Machines);

    /// <summary>An instance with these lines of spec, each indented by two.</summary>
    public static VmiManifest Instance(string spec) =>
        One($"apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{name: bad, namespace: ns}}\nspec:\n{Indented(spec, 2)}");

    /// <summary>A machine with these lines of spec, each indented by two, and of its instance's spec.</summary>
    public static VmiManifest Machine(string spec, string instanceSpec) =>
        One($"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {{name: web}}\nspec:\n{Indented(spec, 2)}\n  template:\n    spec:\n{Indented(instanceSpec, 6)}");

    public static string Edit(string text, ProbeRole role, VmiProbe? probe, string? name = null)
    {
        YamlReader yaml = new();
        VmiManifest manifest = ManifestReader.ReadContent(text, yaml).Machines.Single(found => name is null || found.Name == name);
        return new ManifestEditor(yaml, new YamlLayoutReader()).SetProbe(text, manifest, role, probe);
    }

    private static string Indented(string text, int by) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => new string(' ', by) + line));

    private static VmiManifest Assert1(IReadOnlyList<VmiManifest> found) => Xunit.Assert.Single(found);
}
