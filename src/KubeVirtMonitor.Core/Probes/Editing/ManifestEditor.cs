using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Probes;

/// <summary>
/// Sets or removes probes in the text of manifests, and leaves every other character as it is: comments, order, formatting, line breaks,
/// other documents. What it made is read again; where anything but the probe would mean something else, nothing is changed.
/// </summary>
/// <param name="yaml">Reads YAML.</param>
/// <param name="layouts">Finds where its nodes are.</param>
internal sealed class ManifestEditor(IYamlReader yaml, IYamlLayoutReader layouts)
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
        string key = ProbeFields.Of(role);
        JsonObject? value = probe is null ? null : ProbeWriter.Write(probe);
        YamlLayout root = layouts.ReadAll(text)[manifest.Document] ?? throw new FormatException("the document cannot be read as YAML");
        (YamlLayout parent, YamlLayout spec) = Find(text, root, manifest);
        if (value is null && spec.IndexOf(key) < 0)
        {
            if (manifest.InstanceSpec?.ContainsKey(key) != true) return text;
            throw new FormatException(spec.IndexOf("<<") is >= 0 and var merge
                ? $"{manifest.SpecPath}.{key} is not written here; it comes from the merge (<<) {At(text, spec.Children[merge].Key!)}. Remove it from what is merged, or replace the merge with its keys"
                : $"{manifest.SpecPath}.{key} is written in a way that cannot be edited safely. Edit it by hand");
        }

        string other = ProbeFields.Of(role == ProbeRole.Readiness ? ProbeRole.Liveness : ProbeRole.Readiness);
        TextEdit edit = spec.IsFlow
            ? value is null ? new FlowEdit(text, spec).Remove(key) : new FlowEdit(text, spec).Set(key, other, value)
            : value is null ? new BlockEdit(text, spec, parent, root).Remove(key) : new BlockEdit(text, spec, parent, root).Set(key, other, value);
        string edited = edit.Apply(text);
        if (Verify(text, edited, manifest, key, value)) return edited;
        throw new FormatException($"{manifest.SpecPath}.{key} cannot be {(value is null ? "removed" : "changed")}: {Reason(text, root, spec, key, value is null)}");
    }

    private static (YamlLayout Parent, YamlLayout Spec) Find(string text, YamlLayout root, VmiManifest manifest)
    {
        YamlLayout node = root;
        YamlLayout parent = root;
        string way = "";
        foreach (object step in manifest.Steps.Concat(manifest.ManifestKind.SpecSteps))
        {
            string above = way;
            int index = step is int item ? item : node.IndexOf((string)step);
            way = step is int ? $"{way}[{step}]" : way.Length == 0 ? (string)step : $"{way}.{step}";
            if (node.Kind == YamlLayoutKind.Alias) throw Aliased(above, node);
            if (index < 0 || index >= node.Children.Count)
            {
                throw new FormatException(node.IndexOf("<<") is >= 0 and var merge
                    ? $"{way} is not written here; it comes from the merge (<<) {At(text, node.Children[merge].Key!)}. Replace the merge with its keys"
                    : $"{way} is missing");
            }

            parent = node;
            node = node.Children[index].Value;
        }

        if (node.Kind == YamlLayoutKind.Alias) throw Aliased(way, node);
        if (node.Kind != YamlLayoutKind.Mapping) throw new FormatException($"{way} is not a mapping");
        return (parent, node);

        FormatException Aliased(string where, YamlLayout alias) =>
            new($"{where} is an alias (*{alias.Text}, {At(text, alias)}) of content that is written elsewhere, and the change would affect everything that uses it. Replace the alias with its content");
    }

    // Whether the text means the same as before but for the probe.
    private bool Verify(string before, string after, VmiManifest manifest, string key, JsonObject? value)
    {
        JsonArray expected = ParseAll(before);
        JsonNode? spec = expected[manifest.Document];
        foreach (object step in manifest.Steps.Concat(manifest.ManifestKind.SpecSteps)) spec = step is int item ? spec![item] : spec![(string)step];
        if (value is null) spec!.AsObject().Remove(key);
        else spec![key] = value.DeepClone();
        return JsonNode.DeepEquals(Plain(expected), Plain(ParseAll(after)));
    }

    private static string Reason(string text, YamlLayout root, YamlLayout spec, string key, bool isRemoved)
    {
        int index = spec.IndexOf(key);
        if (index >= 0 && spec.Children.Take(index).LastOrDefault(child => child.Key?.Text == key) is { Key: { } twin })
            return $"the key occurs twice, and the one {At(text, twin)} would take effect. Remove one of them by hand";
        if (index >= 0 && Nodes(spec.Children[index].Value).Where(node => node.Anchor is not null).FirstOrDefault(node => Uses(root, node).Any()) is { } named)
            return $"it carries the anchor &{named.Anchor}, which is used {At(text, Uses(root, named).First())}. Replace it with its content there first";
        if (Nodes(root).Where(node => node.Anchor is not null && node.Start <= spec.Start && node.End >= spec.End).FirstOrDefault(node => Uses(root, node).Any()) is { } shared)
            return $"it is part of content with the anchor &{shared.Anchor}, which is used {At(text, Uses(root, shared).First())}, and the change would affect that place too. Replace it with its content there first";
        if (spec.IndexOf("<<") is >= 0 and var merge)
        {
            return $"the merge (<<) {At(text, spec.Children[merge].Key!)} provides another {key}, which {(isRemoved ? "would replace it" : "takes precedence, because it is further down")}. "
                + "Remove it from what is merged, or replace the merge with its keys";
        }

        return "because of the way it is written, the change would also affect something else. Edit it by hand";
    }

    private static IEnumerable<YamlLayout> Nodes(YamlLayout node)
    {
        yield return node;
        foreach ((YamlLayout? key, YamlLayout value) in node.Children)
        {
            if (key is not null) yield return key;
            foreach (YamlLayout inner in Nodes(value)) yield return inner;
        }
    }

    private static IEnumerable<YamlLayout> Uses(YamlLayout root, YamlLayout named) =>
        Nodes(root).Where(node => node.Kind == YamlLayoutKind.Alias && node.Text == named.Anchor && node.Start >= named.End);

    private static string At(string text, YamlLayout node) => $"in line {TextLines.Number(text, node.Start)}";

    // A document that cannot be read has no meaning, and has to stay as it is.
    private JsonArray ParseAll(string text) => new([.. ManifestReader.Documents(text, yaml).Select(document => document.Error is null ? document.Root?.DeepClone() : text[document.Start..document.End])]);

    // Values made in code and values that were read compare as equal only when both were read.
    private static JsonNode? Plain(JsonArray node) => JsonText.Parse(node.ToJsonString());
}
