namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The machines and instances of a big cluster, listed and counted: Core, the module inside pwsh, and kubectl, in turns.</summary>
internal sealed class ListsSection(Layout layout, CompareOptions options, string workFolder, Results results)
{
    private static readonly string[] Kinds = ["list", "count", "count-api"];

    /// <summary>What was listed.</summary>
    public string Described { get; private set; } = "";

    public void Run()
    {
        using SimulatedObjects objects = new(options.Objects, Directory.CreateDirectory(Path.Combine(workFolder, "lists")).FullName);
        Described = objects.Described;
        Turns turns = new(results);
        turns.Add("lists-core", () => Self.Measure("session", objects.Kubeconfig));
        AddPowerShell(turns, objects.Kubeconfig);
        AddKubectl(turns, objects.Kubeconfig);
        turns.Run(options.Runs);
        results.RequireSameSamples("lists-core", "lists-list", "lists-count", "lists-count-api", "lists-pwsh", "lists-pwsh-warm", "lists-kubectl", "lists-kubectl-two");
    }

    private void AddPowerShell(Turns turns, string kubeconfig)
    {
        if (PowerShell.Module(layout, "Lists in pwsh", results) is not { } module) return;
        Reading Measure(string kind) => PowerShell.Once(layout, "-Module", module, "-Kind", kind, "-KubeConfig", kubeconfig);
        turns.Add("lists-bare", () => Measure("bare"));
        foreach (string kind in Kinds) turns.Add($"lists-{kind}", () => Measure(kind));
        Reading both = [];
        turns.Add("lists-pwsh", () => both = Measure("list-and-count"));
        turns.Add("lists-pwsh-whole", () => new Reading { ["cpu"] = both["whole"] });
        turns.Add("lists-pwsh-warm", () => Measure("list-and-count-again"));
    }

    private void AddKubectl(Turns turns, string kubeconfig)
    {
        if (Command.Ask("kubectl", "version", "--client") is null)
        {
            results.Skip("kubectl", "there is no kubectl on the path: see https://kubernetes.io/docs/tasks/tools/install-kubectl-linux");
            return;
        }

        // Its discovery is cached as it is for everybody who uses it twice; the first turn fills the cache.
        string cache = Path.Combine(workFolder, "kubectl-cache");
        string get = $"kubectl --kubeconfig '{kubeconfig}' --cache-dir '{cache}' get --all-namespaces";
        double count = double.Parse(Command.Run(Command.Describe("sh", ["-c", $"{get} vm,vmi -o name | wc -l"])), System.Globalization.CultureInfo.InvariantCulture);
        Reading Measure(string script)
        {
            Reading reading = Self.Measure("child", "sh", "-c", script);
            reading["samples"] = count;
            return reading;
        }

        turns.Add("lists-kubectl", () => Measure($"{get} vm,vmi -o json > /dev/null"));
        turns.Add("lists-kubectl-two", () => Measure($"{get} vm -o json > /dev/null && {get} vmi -o json > /dev/null"));
    }
}
