using System.Text.Json.Nodes;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>
/// A <c>conf.yaml</c> of the Agent's check openmetrics, or of kubevirt_api, kubevirt_controller and kubevirt_handler. What an instance asks for is done as
/// its check does it, so that options which the KubeVirt checks do not hand on are not applied; except that servers are verified unless
/// <c>tls_verify</c> is <c>false</c>. Also an <c>auto_conf.yaml</c>, and the value of an annotation.
/// </summary>
internal sealed class AgentConfigFile
{
    private const long MaximumSize = 16L << 20;

    private AgentConfigFile(string path, IReadOnlyList<AgentInstance> instances, IReadOnlyList<ScrapeException> errors, OptionWarnings warnings, OptionWarnings notes)
    {
        Path = path;
        Instances = instances;
        Errors = errors;
        Warnings = warnings.ToSentences();
        Notes = notes.ToSentences();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The instances that can be scraped.</summary>
    public IReadOnlyList<AgentInstance> Instances { get; }

    /// <summary>Why the others cannot. They hold no secret.</summary>
    public IReadOnlyList<ScrapeException> Errors { get; }

    /// <summary>Options that are not applied, or unknown: each said once, with its instances.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Where this and the Agent differ without an option saying so.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Whether it holds template variables of pods, which need a session with the cluster.</summary>
    public bool WantsPods { get; private init; }

    /// <summary>Reads a file.</summary>
    /// <param name="yaml">Reads YAML.</param>
    /// <param name="component">The component of instances whose options do not tell it; null = by the file's folder, or recognised.</param>
    /// <param name="limits">Takes the sizes of bodies and the retries from here, and what it says of TLS goes before the file; null = the defaults.</param>
    /// <param name="pods">The pods that template variables are filled from; null = there is no session.</param>
    /// <exception cref="ScrapeException">The file cannot be read, is no YAML, or holds no instances.</exception>
    public static AgentConfigFile Load(string path, IYamlReader yaml, ComponentKind? component = null, ScrapeOptions? limits = null, IReadOnlyList<AgentPod>? pods = null)
    {
        Reading reading = new(path, component, limits ?? new ScrapeOptions(), pods);
        JsonObject root = Parse(path, yaml);
        if (IsAnnotation(root))
        {
            foreach ((string check, JsonNode? configuration) in root) reading.Add(configuration!.AsObject(), check);
        }
        else
        {
            reading.Add(root, EndpointReader.CheckOf(path));
        }

        return reading.ToFile();
    }

    // The value of the annotation ad.datadoghq.com/CONTAINER.checks: configurations by the name of their check.
    private static bool IsAnnotation(JsonObject root) =>
        root.Count > 0 && root.All(entry => AgentOptions.Find(entry.Key) is null && entry.Value is JsonObject configuration && configuration["instances"] is JsonArray);

    /// <summary>What is read of one file.</summary>
    private sealed class Reading(string path, ComponentKind? component, ScrapeOptions limits, IReadOnlyList<AgentPod>? pods)
    {
        private readonly OptionWarnings _warnings = new(path);
        private readonly OptionWarnings _notes = new(path);
        private readonly List<AgentInstance> _instances = [];
        private readonly List<ScrapeException> _errors = [];
        private int _number;
        private bool _wantsPods;

        public void Add(JsonObject configuration, string? check)
        {
            OptionCheck.File(configuration, _warnings);
            JsonObject init = configuration["init_config"] switch
            {
                null => [],
                JsonObject map => map,
                _ => throw Bad(path, "init_config has to be a mapping", "Write init_config: and options indented below it, or nothing."),
            };
            OptionCheck.Init(init, _warnings);
            AgentTemplates templates = new(configuration, path, pods, _warnings);
            foreach (JsonNode? instance in InstancesOf(configuration, templates))
            {
                _number++;
                Try(() =>
                {
                    string place = $"{path}, instance {_number}";
                    if (instance is not JsonObject written) throw Bad(place, "it has to be a mapping", "Write each option on an indented line: a name, a colon and a value.");
                    foreach ((JsonObject options, AgentPod? pod) in templates.Expand(written, EndpointReader.KnownOf(written) ?? EndpointReader.ComponentOf(check), place))
                        Try(() => _instances.Add(Read(options, init, check, pod is null ? place : $"{place} ({pod.Variables.Name})")));
                });
            }

            _wantsPods |= templates.WantsPods;
        }

        public AgentConfigFile ToFile() => new(path, _instances, _errors, _warnings, _notes) { WantsPods = _wantsPods };

        private IEnumerable<JsonNode?> InstancesOf(JsonObject configuration, AgentTemplates templates)
        {
            if (configuration["instances"] is JsonArray { Count: > 0 } list) return list;
            if (configuration.ContainsKey("discovery")) return templates.Discover(path);
            throw Bad(path, "it holds no instances", "Write instances: and below it one entry for each endpoint, each beginning with a dash.");
        }

        private AgentInstance Read(JsonObject written, JsonObject init, string? check, string place)
        {
            string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            AgentCheck kind = EndpointReader.IsOfKubeVirt(written) ? AgentCheck.KubeVirt : AgentCheck.OpenMetrics;
            (JsonObject whole, JsonObject scrape) = OptionCheck.Split(written, init, kind);
            InstanceScope Scope(JsonObject options) => new(_number, new OptionReader(options, place), folder, kind, _warnings, _notes);
            InstanceScope scope = Scope(scrape);
            OptionCheck.Instance(written, scope);
            EndpointReader.CheckPlace(check, scope);
            HandleCheck.Run(scrape, scope);
            if (!ReferenceEquals(whole, scrape) && whole[EndpointReader.CheckOf(written) + "_healthz_endpoint"] is not null) HandleCheck.Run(whole, Scope(whole));
            return InstanceReader.Read(scope, Scope(whole), component ?? EndpointReader.ComponentOf(check), limits);
        }

        private void Try(Action read)
        {
            try
            {
                read();
            }
            catch (ScrapeException e)
            {
                _errors.Add(e);
            }
        }
    }

    private static JsonObject Parse(string path, IYamlReader yaml)
    {
        try
        {
            IReadOnlyList<JsonNode?> documents = yaml.ReadAll(LocalFile.Decode(LocalFile.ReadBytes(path, MaximumSize)).Text);
            return documents is [JsonObject root]
                ? root
                : throw Bad(path, "it is not a configuration of a check", "Give a conf.yaml with init_config and instances.");
        }
        catch (FileTooLargeException e)
        {
            throw Bad(path, e.Message, "Give the conf.yaml of a check.", e);
        }
        catch (YamlFormatException e)
        {
            throw Bad(path, e.Message, "Correct the YAML at that place.", e);
        }
        catch (FormatException e)
        {
            throw Bad(path, e.Message, "Save it as UTF-8.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ScrapeException(ScrapeError.FileNotFound, path, "there is no such file", e, "Check the path of the configuration.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScrapeException(ScrapeError.FileUnreadable, path, "the file cannot be read", e, "Check its permissions; the Agent's folder is often closed to other users.");
        }
    }

    private static ScrapeException Bad(string place, string what, string advice, Exception? inner = null) =>
        new(ScrapeError.BadConfiguration, place, what, inner, advice);
}
