namespace KubeVirtMonitor.Probes;

/// <summary>What becomes of the five numbers on the pod.</summary>
internal static class NumberRules
{
    private const int StartupDelay = 10;

    public static void Apply(ProbeCheck check)
    {
        if (check.Probe is not { } probe) return;
        int? delay = check.InForce(ProbeFields.InitialDelay);
        if (delay < -StartupDelay) check.Add(RuleTable.NegativeDelay, "." + ProbeFields.InitialDelay, $"initialDelaySeconds is {delay}, which with KubeVirt's {StartupDelay} becomes {delay + StartupDelay} on the pod");
        else if (delay < 0) check.Add(RuleTable.ShortenedDelay, "." + ProbeFields.InitialDelay, $"initialDelaySeconds is {delay}, which with KubeVirt's {StartupDelay} becomes {delay + StartupDelay} on the pod");
        foreach (string field in ProbeFields.Numbers.Where(field => field != ProbeFields.InitialDelay))
        {
            if (JsonText.Whole(probe[field]) is { } number and < 1) check.Add(RuleTable.ReplacedNumber, "." + field, $"{field} is {number}, and the default {check.InForce(field)} takes its place");
        }

        if (check.Role == ProbeRole.Liveness && check.InForce(ProbeFields.Success) is { } success and > 1)
            check.Add(RuleTable.LivenessSuccess, "." + ProbeFields.Success, $"successThreshold is {success}, and a liveness probe has to have 1");
        Timeout(check);
    }

    private static void Timeout(ProbeCheck check)
    {
        if (check.InForce(ProbeFields.Timeout) is not { } timeout || check.InForce(ProbeFields.Period) is not { } period) return;
        bool isAgent = check.Handler(ProbeFields.GuestAgentPing) is not null || check.Handler(ProbeFields.Exec) is not null;
        long waited = (long)timeout + (isAgent ? 1 : 0);
        if (waited < period) return;
        string how = isAgent ? $"{timeout} s and KubeVirt's extra second" : $"{timeout} s";
        check.Add(RuleTable.LongTimeout, "." + ProbeFields.Timeout, $"kubelet waits up to {waited} s ({how}), and the period is {period} s");
    }
}
