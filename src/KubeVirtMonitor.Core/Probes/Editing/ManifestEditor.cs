using System.Text.Json.Nodes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor;

/// <summary>
/// Puts probes into the text of manifests, or takes them out, and leaves every other character as it is: comments, order, formatting, line breaks,
/// other documents. What it made is read again; where anything but the probe would mean something else, nothing is changed.
/// </summary>
/// <param name="yaml">Reads YAML.</param>
/// <param name="layouts">Finds where its nodes are.</param>
public sealed class ManifestEditor(IYamlReader yaml, IYamlLayoutReader layouts)
{
    /// <summary>Sets or removes a probe.</summary>
    /// <param name="text">The text, without a byte order mark.</param>
    /// <param name="manifest">The object, as <see cref="ManifestReader"/> found it in this text.</param>
    /// <param name="role">Which probe.</param>
    /// <param name="probe">The probe; null removes it.</param>
    /// <returns>The text after the change; the same text where there was nothing to remove.</returns>
    /// <exception cref="FormatException">The text is written in a way that cannot be edited safely; the message says why.</exception>
    public string SetProbe(string text, VmiManifest manifest, ProbeRole role, VmiProbe? probe)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(manifest);
        string key = ProbeFields.Of(role);
        JsonObject? value = probe is null ? null : ProbeWriter.Write(probe);
        YamlLayout root = layouts.ReadAll(text)[manifest.Document];
        (YamlLayout parent, YamlLayout spec) = Find(root, manifest);
        if (value is null && spec.IndexOf(key) < 0)
        {
            return manifest.InstanceSpec?.ContainsKey(key) == true
                ? throw new FormatException($"{manifest.SpecPath}.{key} comes from a merge (<<) or an alias; write it out first")
                : text;
        }

        string other = ProbeFields.Of(role == ProbeRole.Readiness ? ProbeRole.Liveness : ProbeRole.Readiness);
        TextEdit edit = spec.IsFlow
            ? value is null ? new FlowEdit(text, spec).Remove(key) : new FlowEdit(text, spec).Set(key, other, value)
            : value is null ? new BlockEdit(text, spec, parent, root).Remove(key) : new BlockEdit(text, spec, parent, root).Set(key, other, value);
        string edited = edit.Apply(text);
        Verify(text, edited, manifest, key, value);
        return edited;
    }

    private static (YamlLayout Parent, YamlLayout Spec) Find(YamlLayout root, VmiManifest manifest)
    {
        YamlLayout node = root;
        YamlLayout parent = root;
        string way = "";
        foreach (object step in manifest.Steps.Concat(manifest.ManifestKind.SpecSteps))
        {
            int index = step is int item ? item : node.IndexOf((string)step);
            way = step is int ? $"{way}[{step}]" : way.Length == 0 ? (string)step : $"{way}.{step}";
            if (index < 0 || index >= node.Children.Count)
                throw new FormatException(node.Kind == YamlLayoutKind.Alias || node.IndexOf("<<") >= 0 ? $"{way} comes from a merge (<<) or an alias; write it out first" : $"{way} is missing");
            parent = node;
            node = node.Children[index].Value;
        }

        if (node.Kind == YamlLayoutKind.Alias) throw new FormatException($"{way} is an alias; write it out first");
        if (node.Kind != YamlLayoutKind.Mapping) throw new FormatException($"{way} is no mapping");
        return (parent, node);
    }

    private void Verify(string before, string after, VmiManifest manifest, string key, JsonObject? value)
    {
        JsonArray expected = Whole(before);
        JsonNode? spec = expected[manifest.Document];
        foreach (object step in manifest.Steps.Concat(manifest.ManifestKind.SpecSteps)) spec = step is int item ? spec![item] : spec![(string)step];
        if (value is null) spec!.AsObject().Remove(key);
        else spec![key] = value.DeepClone();
        JsonArray actual;
        try
        {
            actual = Whole(after);
        }
        catch (FormatException exception)
        {
            throw Unsafe(exception);
        }

        if (!JsonNode.DeepEquals(Plain(expected), Plain(actual))) throw Unsafe(null);

        FormatException Unsafe(Exception? inner) => new($"{key} cannot be changed without changing something else, as where an anchor in it is used elsewhere; edit it by hand", inner);
    }

    private JsonArray Whole(string text) => new([.. ManifestReader.Documents(text, yaml).Select(node => node?.DeepClone())]);

    // Values made in code and values that were read compare as equal only when both were read.
    private static JsonNode? Plain(JsonArray node) => JsonNode.Parse(node.ToJsonString());
}
