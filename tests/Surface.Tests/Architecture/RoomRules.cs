namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>Which room of Core may use which. docs/architecture.md has the same table.</summary>
internal static class RoomRules
{
    /// <summary>Rooms of which a room may use every type. Of the rooms that these may use, and of those in <see cref="KnowsTheSurfaceOf"/>, it may use the public types and what is in <see cref="GivesOut"/>.</summary>
    public static IReadOnlyDictionary<string, string[]> Knows { get; } = new Dictionary<string, string[]>
    {
        ["Files"] = [],
        ["Text"] = [],
        ["Json"] = ["Text"],
        ["Net"] = ["Files"],
        ["Exposition"] = ["Text"],
        ["Catalog"] = ["Text"],
        ["Kubernetes"] = ["Net", "Files", "Json", "Text"],
        ["Mapping"] = ["Exposition", "Catalog", "Text"],
        ["Series"] = ["Mapping", "Exposition", "Catalog", "Text"],
        ["Scraping"] = ["Mapping", "Net", "Files"],
        ["KubeVirt"] = ["Kubernetes", "Net", "Json", "Text"],
        ["Sessions"] = ["KubeVirt", "Prometheus", "Scraping", "Net", "Json", "Text"],
        ["AgentConfig"] = ["Scraping", "Mapping", "Files"],
        ["Probes"] = ["KubeVirt", "Files", "Net", "Json", "Text"],
        ["AgentSetup"] = ["Kubernetes", "KubeVirt", "Sessions", "Catalog", "Net", "Json", "Text"],
        ["Usage"] = ["Mapping", "Text"],
        ["Prometheus"] = ["Scraping", "Net", "Json", "Text"],
        ["History"] = ["Prometheus", "Mapping", "Usage", "Catalog", "Exposition", "Scraping", "Text"],
        ["Alerts"] = ["KubeVirt", "Mapping", "Series", "Usage", "Catalog", "Prometheus", "Net", "Json", "Text"],
        ["Display"] = [],
    };

    /// <summary>Rooms of which a room may use only the surface.</summary>
    public static IReadOnlyDictionary<string, string[]> KnowsTheSurfaceOf { get; } = new Dictionary<string, string[]>
    {
        ["KubeVirt"] = ["Catalog"],
        ["Mapping"] = ["KubeVirt"],
        ["Probes"] = ["Catalog"],
        ["AgentConfig"] = ["Kubernetes"],
        ["AgentSetup"] = ["AgentConfig"],
        ["Usage"] = ["KubeVirt"],
        ["History"] = ["KubeVirt"],
        ["Alerts"] = ["Kubernetes", "Scraping", "Sessions"],
        ["Display"] = ["Mapping", "Series", "Scraping", "KubeVirt", "Usage", "Alerts"],
    };

    /// <summary>The surface of a room in addition to its public types: what other rooms may use, although users never see it.</summary>
    public static IReadOnlyDictionary<string, string[]> GivesOut { get; } = new Dictionary<string, string[]>
    {
        ["Exposition"] = ["ExpositionFormat", "FormatDetector", "NumberReader"],
        ["Catalog"] = ["ComponentFacts", "MetricCatalog"],
        ["Mapping"] = ["MachineIdentity", "MappingOptions", "SampleOrigin", "ScrapeSummary", "VersionSource"],
        ["Scraping"] = ["ScrapeResult", "ScrapeTarget", "ShownUri"],
        ["Alerts"] = ["AlertOutcome"],
        ["Usage"] = ["UsageMoment", "UsageSeverity", "UsageThreshold", "UsageThresholds"],
        ["AgentConfig"] = ["AgentOption", "AgentOptions", "TemplateVariables"],
        ["Kubernetes"] =
        [
            "IKubernetesClient", "ListOptions", "PatchKind", "ResourceType", "WriteOptions",
            "PodExecRequest", "PodExecResult", "PodExecSession",
            "IYamlReader", "YamlDocument", "YamlFormatException",
        ],
    };

    /// <summary>Each use that breaks the rules and each type whose room is not clear, as sentences.</summary>
    /// <param name="assembly">What was compiled.</param>
    /// <param name="map">Where its types live.</param>
    /// <param name="knows">Who may know whom.</param>
    /// <param name="withoutGift">The full name of a type to take out of <see cref="GivesOut"/>; null = none.</param>
    public static IReadOnlyList<string> Violations(CompiledAssembly assembly, RoomMap map, IReadOnlyDictionary<string, string[]> knows, string? withoutGift = null)
    {
        List<string> violations = [];
        Dictionary<string, (string Room, bool IsSurface)> homes = [];
        foreach (var type in assembly.Types.Where(type => !type.IsGenerated))
        {
            var rooms = map.RoomsOf(type.Name);
            if (rooms.Count != 1 || !knows.ContainsKey(rooms.First()))
                violations.Add($"{type.Name} lives in {(rooms.Count == 0 ? "no source file" : $"'{string.Join("' and '", rooms)}'")}, which is not one of the rooms.");
            else
                homes[type.Name] = (rooms.First(), type.IsPublic || (type.Name != withoutGift && GivesOut.GetValueOrDefault(rooms.First(), []).Contains(type.Name.Split('.')[^1])));
        }
        foreach (var use in assembly.Uses)
        {
            if (!homes.TryGetValue(use.User, out var user) || !homes.TryGetValue(use.Used, out var used) || user.Room == used.Room)
                continue;
            if (knows[user.Room].Contains(used.Room) || (used.IsSurface && Behind(user.Room, knows).Contains(used.Room)))
                continue;
            violations.Add($"{use.User} ({user.Room}) uses {use.Used} ({used.Room}).");
        }
        return violations;
    }

    private static HashSet<string> Behind(string room, IReadOnlyDictionary<string, string[]> knows)
    {
        HashSet<string> found = [];
        Stack<string> open = new(knows[room].Concat(KnowsTheSurfaceOf.GetValueOrDefault(room, [])));
        while (open.TryPop(out var next))
        {
            if (!found.Add(next))
                continue;
            foreach (var further in knows[next])
                open.Push(further);
        }
        return found;
    }
}
