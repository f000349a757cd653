namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>An exception of Python: its type and its text.</summary>
/// <param name="type">The type as a traceback has it, such as <c>requests.exceptions.SSLError</c>.</param>
/// <param name="message">What <c>str()</c> makes of it.</param>
internal sealed class CheckFailure(string type, string message) : Exception(message)
{
    public string Type { get; } = type;

    /// <summary>Whether it is one of a request; a check puts the endpoint before the text of those alone.</summary>
    public bool IsRequest => Type.StartsWith("requests.exceptions.", StringComparison.Ordinal);

    /// <summary>The end of a run as the check tells it to the Agent: a text that holds JSON.</summary>
    public string Report(string check, bool compact)
    {
        const string Folder = "/opt/datadog-agent/embedded/lib/python3.12/site-packages/datadog_checks/";
        string traceback = $"Traceback (most recent call last):\n  File \"{Folder}base/checks/base.py\", line 1313, in run\n    self.check(instance)\n  File \"{Folder}{(check == "openmetrics" ? "base/checks/openmetrics/v2/base.py\", line 75" : $"{check}/check.py\", line 37")}, in check\n{Type}: {Message}\n";
        string blank = compact ? "" : " ";
        return $"[{{\"message\":{blank}{Python.Json(Message)},{blank}\"traceback\":{blank}{Python.Json(traceback)}}}]";
    }
}
