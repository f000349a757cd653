using System.Text.Json.Nodes;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>
/// A <c>conf.yaml</c> of the Agent's checks kubevirt_api, kubevirt_controller and kubevirt_handler. What an instance asks for is done as the Agent's
/// OpenMetrics V2 check does it, except that servers are verified unless <c>tls_verify</c> is <c>false</c>.
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

    /// <summary>Reads a file.</summary>
    /// <param name="yaml">Reads YAML.</param>
    /// <param name="component">The component of instances that name a plain <c>openmetrics_endpoint</c>; null = by the file's folder, or recognised.</param>
    /// <param name="limits">Takes the sizes of bodies and the retries from here; null = the defaults.</param>
    /// <exception cref="ScrapeException">The file cannot be read, is no YAML, or holds no instances.</exception>
    public static AgentConfigFile Load(string path, IYamlReader yaml, ComponentKind? component = null, ScrapeOptions? limits = null)
    {
        JsonObject root = Parse(path, yaml);
        OptionWarnings warnings = new(path);
        OptionWarnings notes = new(path);
        OptionCheck.File(root, warnings);
        JsonObject init = root["init_config"] switch
        {
            null => [],
            JsonObject map => map,
            _ => throw Bad(path, "init_config has to be a mapping", "Write init_config: and options indented below it, or nothing."),
        };
        OptionCheck.Init(init, warnings);
        if (root["instances"] is not JsonArray { Count: > 0 } list)
            throw Bad(path, "it holds no instances", "Write instances: and below it one entry for each endpoint, each beginning with a dash.");
        List<AgentInstance> instances = [];
        List<ScrapeException> errors = [];
        for (int i = 0; i < list.Count; i++)
        {
            try
            {
                instances.Add(Read(path, i + 1, list[i], init, component ?? EndpointReader.ComponentOf(path), limits ?? new ScrapeOptions(), warnings, notes));
            }
            catch (ScrapeException e)
            {
                errors.Add(e);
            }
        }

        return new AgentConfigFile(path, instances, errors, warnings, notes);
    }

    private static AgentInstance Read(string path, int number, JsonNode? node, JsonObject init, ComponentKind? component, ScrapeOptions limits, OptionWarnings warnings, OptionWarnings notes)
    {
        string place = $"{path}, instance {number}";
        if (node is not JsonObject written) throw Bad(place, "it has to be a mapping", "Write each option on an indented line: a name, a colon and a value.");
        JsonObject options = written.DeepClone().AsObject();
        foreach ((string name, JsonNode? value) in init)
        {
            if (AgentOptions.Find(name)?.Place == AgentOptionPlace.InstanceOrInit && options[name] is null) options[name] = value?.DeepClone();
        }

        OptionReader reader = new(options, place);
        InstanceScope scope = new(number, reader, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, warnings, notes);
        OptionCheck.Instance(options, scope);
        HandleCheck.Run(options, scope);
        return InstanceReader.Read(scope, component, limits);
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
