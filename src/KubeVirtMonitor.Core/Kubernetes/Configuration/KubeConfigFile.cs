using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>One kubeconfig file: its named entries, not yet validated, because a defect in an unused entry does no harm.</summary>
internal sealed class KubeConfigFile
{
    /// <summary>The largest file that is read, in bytes. Kubeconfigs of hundreds of clusters stay below it.</summary>
    public const long MaximumSize = 4 * 1024 * 1024;

    private KubeConfigFile(string path, JsonObject root)
    {
        Path = path;
        CurrentContext = new KubeConfigEntry(path, "", "", root).Text("current-context");
        Clusters = Entries(path, root, "clusters", "cluster");
        Users = Entries(path, root, "users", "user");
        Contexts = Entries(path, root, "contexts", "context");
    }

    public string Path { get; }

    public string? CurrentContext { get; }

    public IReadOnlyList<KubeConfigEntry> Clusters { get; }

    public IReadOnlyList<KubeConfigEntry> Users { get; }

    public IReadOnlyList<KubeConfigEntry> Contexts { get; }

    public static KubeConfigFile Read(string path, IYamlReader? yaml)
    {
        string text = ConfigFiles.ReadText(path, "kubeconfig", MaximumSize);
        JsonObject root = Parse(path, text, yaml) switch
        {
            null => [],
            JsonObject map => map,
            _ => throw Invalid(path, "it is not a kubeconfig: a mapping with apiVersion, clusters, users and contexts is expected"),
        };
        CheckVersion(path, root);
        return new KubeConfigFile(path, root);
    }

    private static JsonNode? Parse(string path, string text, IYamlReader? yaml)
    {
        bool looksLikeJson = text.AsSpan().TrimStart() is ['{', ..];
        try
        {
            if (looksLikeJson) return JsonText.Parse(text, isStrict: true);
        }
        catch (FormatException exception)
        {
            throw Invalid(path, "a key appears twice in one JSON object", exception);
        }
        catch (JsonException)
        {
            // What starts with a brace may still be YAML in flow style.
            if (IsConcatenated(text))
                throw Invalid(path, "it contains several JSON documents; a kubeconfig has only one", advice: "Put each in a separate file, and list all of them in KUBECONFIG.");
        }

        if (yaml is null)
            throw Invalid(path, looksLikeJson ? "it is not valid JSON" : "it is not JSON, and no YAML reader is available");
        try
        {
            // A "---" at the end, or two in a row, makes documents with nothing in them.
            JsonNode[] documents = [.. yaml.ReadAll(text).OfType<JsonNode>()];
            if (documents.Length > 1) throw Invalid(path, $"it holds {documents.Length} YAML documents, of which kubectl reads only the first", advice: "Put each in a separate file, and list all of them in KUBECONFIG.");
            return documents is [var only] ? only : null;
        }
        catch (YamlFormatException exception)
        {
            throw Invalid(path, exception.Message, exception);
        }
    }

    // One whole object, and then another.
    private static bool IsConcatenated(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        JsonStructure structure = default;
        int end = structure.FindEnd(bytes);
        return end >= 0 && JsonText.ObjectOf(bytes.AsSpan(0, end)) is not null && bytes.AsSpan(end).TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
    }

    private static void CheckVersion(string path, JsonObject root)
    {
        KubeConfigEntry entry = new(path, "", "", root);
        if (entry.Text("kind") is { } kind && kind != "Config")
            throw Invalid(path, $"its kind is '{Shown(kind)}', not 'Config': it is not a kubeconfig");
        if (entry.Text("apiVersion") is { } version && version is not ("v1" or "/v1"))
            throw Invalid(path, $"its apiVersion is '{Shown(version)}'; only 'v1' is known");
    }

    private static List<KubeConfigEntry> Entries(string path, JsonObject root, string list, string inner)
    {
        if (root[list] is not { } node) return [];
        if (node is not JsonArray array) throw Invalid(path, $"'{list}' has to be a list");
        List<KubeConfigEntry> entries = new(array.Count);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < array.Count; i++)
        {
            if (array[i] is not JsonObject item) throw Invalid(path, $"'{list}[{i}]' has to be a mapping with name and {inner}");
            string name = new KubeConfigEntry(path, $"{list}[{i}]", "", item).Text("name") ?? "";
            if (!names.Add(name))
                throw Invalid(path, name.Length == 0 ? $"two entries of '{list}' have no name" : $"the name '{Shown(name)}' appears twice in '{list}'", advice: "Rename or remove one of the two.");
            JsonObject body = item[inner] switch
            {
                null => [],
                JsonObject map => map,
                _ => throw Invalid(path, $"'{list}[{Shown(name)}].{inner}' has to be a mapping"),
            };
            entries.Add(new KubeConfigEntry(path, $"{list}[{Shown(name)}].{inner}", name, body));
        }

        return entries;
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "...";

    private static KubernetesException Invalid(string path, string what, Exception? inner = null, string advice = "Check it with 'kubectl config view'.") =>
        new(KubernetesError.ConfigurationInvalid, $"the kubeconfig {path} cannot be used: {what}", advice, inner) { File = path, Setting = Setting.KubeConfig };
}

/// <summary>A mapping of a kubeconfig with its place, so that every error can name file and entry. Values never reach an error.</summary>
/// <param name="File">The file it stands in.</param>
/// <param name="Place">Where in the file, such as <c>users[admin].user</c>; empty for the whole file.</param>
/// <param name="Name">The name of the entry; empty for mappings without one.</param>
/// <param name="Body">The mapping.</param>
internal sealed record KubeConfigEntry(string File, string Place, string Name, JsonObject Body)
{
    /// <summary>A text; null when it is absent, null or empty, which kubectl does not tell apart either.</summary>
    public string? Text(string key) => Body[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>() is { Length: > 0 } text ? text : null,
        JsonValue => throw Error(key, "has to be text, but YAML reads it as a number or a Boolean", "Put quotes around the value."),
        _ => throw Error(key, "has to be text", "See 'kubectl config view' for what it should look like."),
    };

    public bool Flag(string key) => Body[key] switch
    {
        null => false,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw Error(key, "has to be true or false", "Write it without quotes."),
    };

    /// <summary>What a base64 text stands for; null when it is absent.</summary>
    public byte[]? Base64(string key)
    {
        if (Text(key) is not { } text) return null;
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException exception)
        {
            string hint = text.Contains("-----BEGIN", StringComparison.Ordinal)
                ? "It contains plain PEM text. Encode it with base64, or put the name of its file under the key without '-data'."
                : "Copy it again, as one line.";
            throw Error(key, "is not valid base64", hint, inner: exception);
        }
    }

    /// <summary>A path, absolute: relative ones count from the folder of the kubeconfig.</summary>
    public string? FilePath(string key) => Text(key) is { } path ? Path.GetFullPath(path, Path.GetDirectoryName(File)!) : null;

    public KubeConfigEntry? Map(string key) => Body[key] switch
    {
        null => null,
        JsonObject map => new KubeConfigEntry(File, PlaceOf(key), "", map),
        _ => throw Error(key, "has to be a mapping", ""),
    };

    public IReadOnlyList<string> Texts(string key) => Body[key] switch
    {
        null => [],
        JsonArray list => list.Select((item, index) => item is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : throw Error($"{key}[{index}]", "has to be text", "Put quotes around the value.")).ToArray(),
        _ => throw Error(key, "has to be a list of texts", ""),
    };

    public IReadOnlyList<KubeConfigEntry> Maps(string key) => Body[key] switch
    {
        null => [],
        JsonArray list => list.Select((item, index) => item is JsonObject map
            ? new KubeConfigEntry(File, PlaceOf($"{key}[{index}]"), "", map)
            : throw Error($"{key}[{index}]", "has to be a mapping", "")).ToArray(),
        _ => throw Error(key, "has to be a list", ""),
    };

    public string PlaceOf(string key) => Place.Length == 0 ? key : key.Length == 0 ? Place : $"{Place}.{key}";

    public KubernetesException Error(string key, string what, string advice, KubernetesError error = KubernetesError.ConfigurationInvalid, Exception? inner = null) =>
        new(error, $"{PlaceOf(key)} in {File} {what}", advice, inner) { File = File, Entry = PlaceOf(key) };
}

/// <summary>Replaces values in the text of a kubeconfig, and leaves every other character as it is.</summary>
internal static class KubeConfigText
{
    private const int Attempts = 20;

    /// <summary>Replaces values wherever they stand in the file of an entry; under kubectl's lock, and by a new file that takes the place of the old one.</summary>
    /// <param name="entry">The entry, for its file and for messages.</param>
    /// <param name="values">Key, old value and new value. Tokens are long and random, so that an old one stands nowhere by chance.</param>
    /// <exception cref="KubernetesException">The file cannot be written, or no longer holds the old values.</exception>
    public static void Replace(KubeConfigEntry entry, params (string Key, string? Old, string New)[] values)
    {
        try
        {
            // A link stays a link: what it leads to is replaced.
            string file = File.ResolveLinkTarget(entry.File, returnFinalTarget: true)?.FullName ?? entry.File;
            using FileStream lockFile = Lock(entry.File + ".lock");
            (string text, Encoding encoding) = LocalFile.Decode(LocalFile.ReadBytes(file, KubeConfigFile.MaximumSize));
            foreach ((string key, string? old, string value) in values)
            {
                if (old is null) continue;
                if (!text.Contains(old, StringComparison.Ordinal)) throw new IOException($"{key} has changed there in the meantime");
                if (!value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~' or '+' or '/' or '=')) throw new IOException($"the new {key} contains characters that would need quoting");
                text = text.Replace(old, value, StringComparison.Ordinal);
            }

            string replacement = $"{file}.{Environment.ProcessId}.new";
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File.GetUnixFileMode(file);
            using (FileStream target = new(replacement, options))
            {
                target.Write(encoding.Preamble);
                target.Write(encoding.GetBytes(text));
            }

            File.Move(replacement, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new KubernetesException(
                KubernetesError.CredentialInvalid,
                $"the issuer replaced the refresh-token of {entry.Place}, and the new one could not be written to {entry.File} ({exception.Message.TrimEnd('.')})",
                "The old one no longer works: make the file writable and log in again.",
                exception)
            { File = entry.File, Entry = entry.Place };
        }
    }

    // client-go creates the same file, exclusively, for as long as it writes.
    private static FileStream Lock(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            }
            catch (IOException) when (attempt < Attempts && File.Exists(path))
            {
                Thread.Sleep(50);
            }
        }
    }
}

/// <summary>Where kubeconfig files are looked for: as kubectl does.</summary>
internal static class KubeConfigPaths
{
    public static string[] Find(KubeConfigOptions options)
    {
        if (options.Path is { } one) return [FullPath(one, options)];
        if (options.Variable("KUBECONFIG") is { } list)
        {
            return list.Split(Path.PathSeparator)
                .Where(path => !string.IsNullOrWhiteSpace(path))
                .Select(path => FullPath(path, options))
                .Distinct(StringComparer.Ordinal)
                .ToArray();
        }

        return Home(options) is { } home ? [Path.Combine(home, ".kube", "config")] : [];
    }

    public static KubernetesException NothingFound(string[] paths, KubeConfigOptions options)
    {
        string where = paths.Length == 0 ? "the home directory is unknown" : $"{string.Join(", ", paths)} {(paths.Length == 1 ? "does" : "do")} not exist";
        string source = options.Variable("KUBECONFIG") is not null ? " (from the environment variable KUBECONFIG)" : "";
        return new KubernetesException(
            KubernetesError.NoConfiguration,
            $"there is no kubeconfig: {where}{source}",
            "Set KUBECONFIG to its path.")
        { File = paths.FirstOrDefault(), Setting = Setting.KubeConfig };
    }

    // In the text of an environment variable, "~" is not replaced by every shell.
    private static string FullPath(string path, KubeConfigOptions options)
    {
        bool isHome = path.StartsWith("~/", StringComparison.Ordinal) || (OperatingSystem.IsWindows() && path.StartsWith(@"~\", StringComparison.Ordinal));
        if (isHome && Home(options) is { } home) path = Path.Join(home, path[2..]);
        return options.WorkingDirectory is { } folder ? Path.GetFullPath(path, folder) : Path.GetFullPath(path);
    }

    private static string? Home(KubeConfigOptions options)
    {
        if (!OperatingSystem.IsWindows()) return options.Variable("HOME");
        string? drive = options.Variable("HOMEDRIVE") is { } letter && options.Variable("HOMEPATH") is { } path ? letter + path : null;
        string?[] homes = [options.Variable("HOME"), drive, options.Variable("USERPROFILE")];
        return homes.FirstOrDefault(home => home is not null && File.Exists(Path.Combine(home, ".kube", "config")))
            ?? homes.FirstOrDefault(home => home is not null);
    }
}

/// <summary>Reads the small files of a connection, with a size limit and errors that name them.</summary>
internal static class ConfigFiles
{
    /// <summary>The largest certificate, key or token file, in bytes. The CA bundles of whole operating systems stay below it.</summary>
    public const long MaximumSize = 1024 * 1024;

    /// <summary>The bytes of a file.</summary>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="maximum">The most bytes that are read.</param>
    /// <param name="entry">What names it, such as an entry of a kubeconfig; empty = nothing.</param>
    /// <param name="config">The kubeconfig of the entry; null = none.</param>
    /// <exception cref="KubernetesException">It cannot be read.</exception>
    public static byte[] ReadBytes(string path, string what, long maximum = MaximumSize, string entry = "", string? config = null)
    {
        try
        {
            return LocalFile.ReadBytes(path, maximum);
        }
        catch (FileTooLargeException exception)
        {
            throw Unreadable(path, what, entry, config, $"is larger than {exception.Most}", "Check that it is the file you mean.", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable(path, what, entry, config, "does not exist", "Check the path; relative paths are resolved from the folder of the kubeconfig.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            bool isFolder = Directory.Exists(path);
            throw Unreadable(path, what, entry, config, isFolder ? "is a folder" : "cannot be read: permission denied", isFolder ? "Name a file." : "Check its permissions.", exception);
        }
        catch (IOException exception)
        {
            throw Unreadable(path, what, entry, config, "cannot be read", "", exception);
        }
    }

    /// <summary>The text of a file, in UTF-8 or UTF-16.</summary>
    /// <inheritdoc cref="ReadBytes"/>
    public static string ReadText(string path, string what, long maximum = MaximumSize, string entry = "", string? config = null)
    {
        byte[] bytes = ReadBytes(path, what, maximum, entry, config);
        try
        {
            return LocalFile.Decode(bytes).Text;
        }
        catch (NotTextException exception)
        {
            throw Unreadable(path, what, entry, config, $"is not text in UTF-8 or UTF-16 ({exception.Place})", "Check that it is the file you mean, and save it as UTF-8.", exception);
        }
    }

    private static KubernetesException Unreadable(string path, string what, string entry, string? config, string problem, string advice, Exception? inner = null)
    {
        string named = entry.Length == 0 ? "" : config is null ? $", named by {entry}," : $", named by {entry} in {config},";
        return new KubernetesException(KubernetesError.FileUnreadable, $"the {what} {path}{named} {problem}", advice, inner)
        {
            File = path,
            Entry = entry.Length == 0 ? null : entry,
        };
    }
}
